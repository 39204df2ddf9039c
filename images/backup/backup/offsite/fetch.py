"""What the bucket has, and bringing one moment of it back to this volume.

It comes into a home of its own, so that nothing that the volume has is touched.
"""

import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from backup import wal
from backup.engine import Catalogue
from backup.errors import BackupError
from backup.layout import SCRATCH, Layout
from backup.offsite.backups import COMPLETE, LOG, SYSTEM, complete_bases
from backup.offsite.restic import NoRepository, Repository, Snapshot

INFO = re.compile(r"^(\w+)=(.*)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Info:
    """A base backup, as Barman describes it."""

    id: str
    begin: datetime
    end: datetime
    size: int
    begin_wal: str


@dataclass(frozen=True, kw_only=True)
class Log:
    """The write-ahead log of one server up to a moment, and the base backups that it continues."""

    snapshot: Snapshot
    system: str
    complete: datetime
    backups: tuple[Info, ...]

    @property
    def window(self) -> tuple[datetime, datetime] | None:
        """The moments that can be restored."""
        return (self.backups[0].end, self.complete) if self.backups else None


@dataclass(frozen=True, kw_only=True)
class Fetched:
    catalogue: Catalogue
    backup: str
    complete: datetime


def newest(repository: Repository) -> Log:
    """What the newest copy of the log has. Raises BackupError where the bucket has none."""
    snapshots = repository.snapshots()
    return _log(repository, _logs(snapshots, repository)[-1], snapshots)


def fetch(
    repository: Repository, layout: Layout, *, at: datetime | None, backup: str | None
) -> Fetched:
    """Bring back what a restore needs: one base backup, and the log since then."""
    snapshots = repository.snapshots()
    log = _log(repository, _fitting(repository, snapshots, at, backup), snapshots)
    info = _chosen(log, at, backup)
    home = Layout(directory=layout.offsite / "fetched")
    discard(layout)
    home.catalogues.mkdir(mode=0o700, parents=True)
    catalogue = Catalogue(layout=home, system=log.system)
    pieces = complete_bases(snapshots, log.system)[info.id]
    _room(layout, sum(map(repository.size, pieces)) + repository.size(log.snapshot))
    for piece in pieces:
        repository.restore(piece, catalogue.directory)
    repository.restore(log.snapshot, catalogue.directory, "--exclude=/base")
    for path in catalogue.wals.glob("*/*"):
        # The log before the base backup is of no use.
        if path.name < info.begin_wal and wal.NAME.match(path.name):
            path.unlink()
    return Fetched(catalogue=catalogue, backup=info.id, complete=log.complete)


def discard(layout: Layout) -> None:
    shutil.rmtree(layout.offsite / "fetched", ignore_errors=True)


def _logs(snapshots: Sequence[Snapshot], repository: Repository) -> list[Snapshot]:
    logs = [one for one in snapshots if LOG in one.tags and one.value(SYSTEM)]
    if not logs:
        raise NoRepository(f"{repository.address} has no backups")
    return logs


def _fitting(
    repository: Repository, snapshots: Sequence[Snapshot], at: datetime | None, backup: str | None
) -> Snapshot:
    """The copy of the log with the moment: the newest, or an older one that still goes back to it.

    A copy has the log of the base backups that the volume had then.
    """
    logs = list(reversed(_logs(snapshots, repository)))
    if backup:
        owners = [s.value(SYSTEM) for s in snapshots if f"base-{backup}" in s.tags]
        if not owners:
            raise BackupError(f"the bucket has no base backup {backup}")
        logs = [one for one in logs if one.value(SYSTEM) == owners[-1]]
    if at is None and backup is None:
        return logs[0]
    for one in logs:
        log = _log(repository, one, snapshots)
        if backup and any(info.id == backup for info in log.backups):
            return one
        if at and log.window and log.window[0] <= at <= log.window[1]:
            return one
        if at and log.complete < at:
            break  # and so are all older ones
    wanted = backup or (at and at.isoformat())
    raise BackupError(
        f"the bucket cannot restore {wanted}: its newest copy goes from "
        + _window(_log(repository, logs[0], snapshots))
    )


def _window(log: Log) -> str:
    if log.window is None:
        return "no complete base backup"
    start, end = log.window
    return f"{start:%Y-%m-%d %H:%M:%S} to {end:%Y-%m-%d %H:%M:%S} UTC"


def _chosen(log: Log, at: datetime | None, backup: str | None) -> Info:
    fitting = [
        info
        for info in log.backups
        if (backup is None or info.id == backup) and (at is None or info.end <= at)
    ]
    if not fitting:
        raise BackupError(f"the bucket has no base backup for that: {_window(log)}")
    return fitting[-1]


def _log(repository: Repository, snapshot: Snapshot, snapshots: Sequence[Snapshot]) -> Log:
    system = snapshot.value(SYSTEM) or ""
    present = complete_bases(snapshots, system)
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
        repository.restore(snapshot, Path(folder), "--include=/base")
        infos = [
            info(path.parent.name, path.read_text())
            for path in sorted(Path(folder).glob("base/*/backup.info"))
            if path.parent.name in present
        ]
    complete = float(snapshot.value(COMPLETE) or 0)
    return Log(
        snapshot=snapshot,
        system=system,
        complete=datetime.fromtimestamp(complete, UTC),
        backups=tuple(infos),
    )


def info(id: str, text: str) -> Info:
    """A base backup from Barman's file about it."""
    values = dict(INFO.findall(text))
    return Info(
        id=id,
        begin=datetime.fromisoformat(values["begin_time"]).astimezone(UTC),
        end=datetime.fromisoformat(values["end_time"]).astimezone(UTC),
        size=int(values["size"]),
        begin_wal=values["begin_wal"],
    )


def _room(layout: Layout, size: int) -> None:
    """A restore needs room for what comes back, and for the data that is recovered from it."""
    free = shutil.disk_usage(layout.directory).free
    if free < 2 * size:
        raise BackupError(
            f"the volume of backups has {free >> 20} MiB left, and this restore needs "
            f"{2 * size >> 20} MiB: raise data.backup.size"
        )
