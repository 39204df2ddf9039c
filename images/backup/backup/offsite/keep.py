"""Which snapshots a bucket keeps."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from backup.offsite.restic import Snapshot

HOURS = 24


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
