"""What the snapshots in a bucket are, by their tags, and which of them stay."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from backup.offsite.restic import Snapshot

# The tags of the write-ahead log, and of the pieces of base backups.
LOG = "wal"
SYSTEM, COMPLETE, BASE, PIECE = "system-", "complete-", "base-", "piece-"

HOURS = 24
DAY = HOURS * 3600
# The whole content is proved once in so many days, a share of it each day.
CHECK_DAYS = 14


def superseded(snapshots: Sequence[Snapshot], *, days: int, now: datetime) -> list[Snapshot]:
    """The snapshots of one series that others make superfluous.

    The newest stays however old it is, then the newest of each hour for a day, and of each day for
    as many days as backups are kept.
    """
    newest_first = sorted(snapshots, key=lambda snapshot: snapshot.time, reverse=True)
    kept = {
        *newest_first[:1],
        *_newest_of(newest_first, "%Y-%m-%d %H", now - timedelta(hours=HOURS)),
        *_newest_of(newest_first, "%Y-%m-%d", now - timedelta(days=days)),
    }
    return [snapshot for snapshot in snapshots if snapshot not in kept]


def too_old(
    snapshots: Sequence[Snapshot],
    *,
    system: str,
    needed: Collection[str],
    days: int,
    now: datetime,
) -> list[Snapshot]:
    """What is too old of the backups of all servers in a bucket.

    The bucket goes back twice as far as the volume, so that its oldest log has a base backup. Those
    of another server than this `system` go together, once all of them are that old. `needed` are
    the base backups that the volume has.
    """
    expiry = now - timedelta(days=2 * days)
    old: list[Snapshot] = []
    for name, group in grouped(snapshots, lambda one: one.value(SYSTEM)).items():
        if name != system and all(one.time < expiry for one in group):
            old += group
            continue
        newest = max(complete_bases(group, name), default=None)
        old += superseded([one for one in group if LOG in one.tags], days=days, now=now)
        old += [
            one
            for one in group
            if one.time < expiry and one.value(BASE) not in {None, newest, *needed}
        ]
    return old


def grouped(
    snapshots: Sequence[Snapshot], key: Callable[[Snapshot], str | None]
) -> dict[str, list[Snapshot]]:
    """The snapshots by a key, without those that have none."""
    groups: dict[str, list[Snapshot]] = {}
    for snapshot in snapshots:
        if name := key(snapshot):
            groups.setdefault(name, []).append(snapshot)
    return groups


def _newest_of(newest_first: Sequence[Snapshot], period: str, since: datetime) -> list[Snapshot]:
    newest: dict[str, Snapshot] = {}
    for snapshot in newest_first:
        if snapshot.time >= since:
            newest.setdefault(snapshot.time.strftime(period), snapshot)
    return list(newest.values())


def share(now: datetime) -> str:
    """Which share of the content is proved today."""
    return f"{now.toordinal() % CHECK_DAYS + 1}/{CHECK_DAYS}"


def complete_bases(snapshots: Sequence[Snapshot], system: str | None) -> dict[str, list[Snapshot]]:
    """The base backups of which the bucket has every piece, with these in order.

    Without a system, those of all servers.
    """
    complete: dict[str, list[Snapshot]] = {}
    for backup, group in grouped(snapshots, lambda one: one.value(BASE)).items():
        pieces = {one.value(PIECE): one for one in group if system in (None, one.value(SYSTEM))}
        counts = {int(name.partition("-of-")[2]) for name in pieces if name}
        for count in counts:
            names = [f"{number}-of-{count}" for number in range(1, count + 1)]
            if all(name in pieces for name in names):
                complete[backup] = [pieces[name] for name in names]
    return complete
