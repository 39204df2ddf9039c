"""What the bucket has, and bringing one moment of it back to this volume.

It comes into a home of its own, so that nothing that the volume has is touched.
"""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backup import moments, wal
from backup.backups import Backup, described
from backup.engine import Catalogue
from backup.errors import BackupError
from backup.layout import SCRATCH, Layout
from backup.offsite.backups import COMPLETE, LOG, SYSTEM, complete_bases
from backup.offsite.restic import NoRepository, Repository, Snapshot


@dataclass(frozen=True, kw_only=True)
class Log:
    """The write-ahead log of one server up to a moment, and the base backups that it continues."""

    snapshot: Snapshot
    system: str
    complete: float
    backups: tuple[Backup, ...]

    @property
    def window(self) -> tuple[float, float] | None:
        """The moments that can be restored, in seconds since 1970."""
        ends = [backup.end for backup in self.backups if backup.end]
        return (min(ends), self.complete) if ends else None

    def reaches(self, moment: float) -> bool:
        return self.window is not None and self.window[0] <= moment <= self.window[1]


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What came back: a base backup, in a catalogue with the log that continues it."""

    catalogue: Catalogue
    backup: Backup


def newest(repository: Repository) -> Log:
    """What the newest copy of the log has. Raises BackupError where the bucket has none."""
    snapshots = repository.snapshots()
    return _log(repository, _logs(snapshots, repository)[-1], snapshots)


def fetch(
    repository: Repository, layout: Layout, *, at: float | None, identity: str | None
) -> Fetched:
    """Bring back what a restore needs: one base backup, and the log since then."""
    snapshots = repository.snapshots()
    log = _fitting(repository, snapshots, at, identity)
    backup = _chosen(log, at, identity)
    home = Layout(directory=layout.offsite / "fetched")
    discard(layout)
    home.catalogues.mkdir(mode=0o700, parents=True)
    catalogue = Catalogue(layout=home, system=log.system)
    pieces = complete_bases(snapshots, log.system)[backup.id]
    _room(layout, sum(map(repository.size, pieces)) + repository.size(log.snapshot))
    for piece in pieces:
        repository.restore(piece, catalogue.directory)
    repository.restore(log.snapshot, catalogue.directory, "--exclude=/base")
    for path in catalogue.wals.glob("*/*"):
        # The log before the base backup is of no use.
        if path.name < (backup.begin_wal or "") and wal.NAME.match(path.name):
            path.unlink()
    return Fetched(catalogue=catalogue, backup=backup)


def discard(layout: Layout) -> None:
    shutil.rmtree(layout.offsite / "fetched", ignore_errors=True)


def _logs(snapshots: Sequence[Snapshot], repository: Repository) -> list[Snapshot]:
    logs = [one for one in snapshots if LOG in one.tags and one.value(SYSTEM)]
    if not logs:
        raise NoRepository(f"{repository.address} has no backups")
    return logs


def _fitting(
    repository: Repository, snapshots: Sequence[Snapshot], at: float | None, identity: str | None
) -> Log:
    """The copy of the log with the moment: the newest, or an older one that still goes back to it.

    A copy has the log since the oldest base backup that the volume had then.
    """
    logs = list(reversed(_logs(snapshots, repository)))
    newest = _log(repository, logs[0], snapshots)
    if at is None and identity is None:
        return newest
    for snapshot in logs:
        log = newest if snapshot is logs[0] else _log(repository, snapshot, snapshots)
        if identity and any(backup.id == identity for backup in log.backups):
            return log
        if at is not None and log.reaches(at):
            return log
        if at is not None and log.complete < at:
            break  # and so are all older ones
    wanted = identity or moments.optional_text(at)
    raise BackupError(f"the bucket cannot restore {wanted}: its newest copy has {_window(newest)}")


def _window(log: Log) -> str:
    if log.window is None:
        return "no complete base backup"
    return " to ".join(map(moments.text, log.window))


def _chosen(log: Log, at: float | None, identity: str | None) -> Backup:
    fitting = [
        backup
        for backup in log.backups
        if identity in (None, backup.id) and (at is None or (backup.end or at) <= at)
    ]
    if not fitting:
        raise BackupError(f"the bucket has no base backup for that: it has {_window(log)}")
    return fitting[-1]


def _log(repository: Repository, snapshot: Snapshot, snapshots: Sequence[Snapshot]) -> Log:
    system = snapshot.value(SYSTEM) or ""
    present = complete_bases(snapshots, system)
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
        repository.restore(snapshot, Path(folder), "--include=/base")
        infos = sorted(Path(folder).glob("base/*/backup.info"))
        backups = tuple(
            described(path.parent.name, system, path.read_text())
            for path in infos
            if path.parent.name in present
        )
    complete = float(snapshot.value(COMPLETE) or 0)
    return Log(snapshot=snapshot, system=system, complete=complete, backups=backups)


def _room(layout: Layout, size: int) -> None:
    """A restore needs room for what comes back, and for the data that is recovered from it."""
    free = shutil.disk_usage(layout.directory).free
    if free < 2 * size:
        raise BackupError(
            f"the volume of backups has {free >> 20} MiB left, and this restore needs "
            f"{2 * size >> 20} MiB: raise data.backup.size"
        )
