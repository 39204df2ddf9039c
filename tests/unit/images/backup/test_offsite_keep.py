"""Which snapshots a bucket keeps, and which base backups in it are complete."""

from datetime import UTC, datetime, timedelta

from backup.offsite.keep import complete_bases, superseded, too_old
from backup.offsite.restic import Snapshot

NOW = datetime(2026, 11, 30, 12, 5, tzinfo=UTC)


def snapshot(age: timedelta, *tags: str) -> Snapshot:
    return Snapshot(id=str(age), time=NOW - age, tags=frozenset(tags))


def kept(ages: list[timedelta], days: int = 7) -> list[timedelta]:
    snapshots = [snapshot(age) for age in ages]
    gone = superseded(snapshots, days=days, now=NOW)
    return [NOW - one.time for one in snapshots if one not in gone]


def test_the_newest_stays_however_old_it_is() -> None:
    ages = [timedelta(days=400), timedelta(days=401)]
    assert kept(ages) == ages[:1]


def test_of_each_hour_of_a_day_and_of_each_day_the_newest_stays() -> None:
    ages = [timedelta(minutes=10 * number) for number in range(6 * 24 * 10)]
    left = kept(ages)
    hours = [age for age in left if age <= timedelta(hours=24)]
    assert len(hours) == 25  # the hour that has begun, and 24 before it
    assert hours[:3] == [timedelta(0), timedelta(minutes=10), timedelta(minutes=70)]
    days = [age for age in left if age > timedelta(hours=24)]
    assert [(NOW - age).strftime("%H:%M") for age in days] == ["23:55"] * 6


def test_a_base_backup_is_complete_with_all_of_its_pieces() -> None:
    first, second, other = (
        snapshot(timedelta(minutes=3), "base-A", "system-1", "piece-1-of-2"),
        snapshot(timedelta(minutes=2), "base-A", "system-1", "piece-2-of-2"),
        snapshot(timedelta(minutes=1), "base-B", "system-1", "piece-2-of-2"),
    )
    assert complete_bases([first, second, other], "1") == {"A": [first, second]}
    assert complete_bases([first, second], "2") == {}


def test_a_piece_that_was_sent_again_is_the_one_that_counts() -> None:
    damaged = snapshot(timedelta(days=1), "base-A", "system-1", "piece-1-of-1")
    again = snapshot(timedelta(0), "base-A", "system-1", "piece-1-of-1")
    assert complete_bases([damaged, again], None) == {"A": [again]}


def gone(snapshots: list[Snapshot], needed: tuple[str, ...] = ()) -> list[Snapshot]:
    return too_old(snapshots, system="1", needed=needed, days=7, now=NOW)


def base(days: float, name: str, system: str = "1", piece: str = "1-of-1") -> Snapshot:
    age = timedelta(days=days)
    return snapshot(age, f"base-{name}", f"system-{system}", f"piece-{piece}")


def test_base_backups_go_when_no_log_in_the_bucket_reaches_back_to_them() -> None:
    oldest, older, newest = base(30, "A"), base(13, "B"), base(1, "C")
    assert gone([oldest, older, newest]) == [oldest]
    assert gone([oldest, older, newest], needed=("A",)) == []


def test_the_newest_complete_base_backup_stays_however_old_it_is() -> None:
    older, newest = base(40, "A"), base(30, "B")
    unfinished = base(20, "C", piece="1-of-2")
    assert gone([older, newest, unfinished]) == [older, unfinished]


def test_the_backups_of_another_server_stay_together_until_all_are_old() -> None:
    log = snapshot(timedelta(days=16), "wal", "system-2")
    before = base(20, "A", system="2")
    own = base(0, "B")
    assert gone([before, log, own]) == [before, log]
    young = snapshot(timedelta(days=13), "wal", "system-2")
    assert gone([before, young, own]) == []
