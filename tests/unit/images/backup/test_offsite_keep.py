"""Which snapshots a bucket keeps, and which base backups in it are complete."""

from datetime import UTC, datetime, timedelta

from backup.offsite.keep import complete_bases, superseded
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
