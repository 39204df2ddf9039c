"""What the bucket has, and bringing one moment of it back to this volume.

It comes into a home of its own, so that nothing that the volume has is touched.
"""

import json
import shutil
from dataclasses import dataclass

from backup import infos, moments, timelines, wal
from backup.backups import Backup, described
from backup.context import Context
from backup.engine import Catalogue
from backup.errors import BackupError
from backup.layout import Layout
from backup.offsite.backups import repository
from backup.offsite.keep import COMPLETE, LOG, SYSTEM, complete_bases
from backup.offsite.restic import NoRepository, Snapshot

FETCHED = "fetched"
# What tells which base backup a moment needs: small, and enough to know the timelines.
OUTLINE = (
    "--include=/base",
    "--include=/meta",
    "--include=/streaming",
    "--include=/wals/*.history",
)


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


def newest(context: Context) -> Log:
    """What the newest copy of the log has. Raises BackupError where the bucket has none."""
    bucket = Bucket(context, "listed")
    try:
        return bucket.newest()
    finally:
        bucket.clean()


def fetch(context: Context, *, at: float | None, identity: str | None) -> Fetched:
    """Bring back what a restore needs: one base backup, and the log since then."""
    return Bucket(context, FETCHED).fetch(at, identity)


def discard(layout: Layout) -> None:
    """Remove what was fetched for a restore."""
    shutil.rmtree(layout.offsite / FETCHED, ignore_errors=True)


class Bucket:
    """What the bucket has at this moment. `home` is where it comes to."""

    def __init__(self, context: Context, home: str) -> None:
        self._home = Layout(directory=context.layout.offsite / home)
        self._repository = repository(context)
        self._snapshots = self._repository.snapshots()

    def newest(self) -> Log:
        return self._fitting(None, None)

    def clean(self) -> None:
        shutil.rmtree(self._home.directory, ignore_errors=True)

    def fetch(self, at: float | None, identity: str | None) -> Fetched:
        log = self._fitting(at, identity)
        catalogue = self._catalogue(log.system)
        backup = _chosen(log, catalogue, at, identity)
        pieces = complete_bases(self._snapshots, log.system)[backup.id]
        self._make_room(sum(map(self._repository.size, pieces)))
        for piece in pieces:
            self._repository.restore(piece, catalogue.directory)
        # A directory has the segments of 4 GiB; those before the base backup are of no use.
        first = wal.directory(backup.begin_wal or "")
        folders = [name for name in self._folders(log.snapshot) if name >= first]
        self._repository.restore(
            log.snapshot, catalogue.directory, *(f"--include=/wals/{name}" for name in folders)
        )
        return Fetched(catalogue=catalogue, backup=backup)

    def _logs(self) -> list[Snapshot]:
        """The copies of the log, the newest first."""
        logs = [one for one in self._snapshots if LOG in one.tags and one.value(SYSTEM)]
        if not logs:
            raise NoRepository(f"{self._repository.address} has no backups")
        return logs[::-1]

    def _fitting(self, at: float | None, identity: str | None) -> Log:
        """The copy of the log with the moment: the newest, or an older one that goes back to it.

        A copy has the log since the oldest base backup that the volume had then.
        """
        newest: Log | None = None
        for snapshot in self._logs():
            log = self._log(snapshot)
            newest = newest or log
            if identity and any(backup.id == identity for backup in log.backups):
                return log
            if at is not None and log.reaches(at):
                return log
            # After a restore, the first copies of the log have no base backup of their own yet.
            if at is None and identity is None and log.backups:
                return log
            if at is not None and log.complete < at:
                break  # and so are all older ones
        wanted = identity or (moments.text(at) if at is not None else "the newest state")
        has = _window(newest) if newest else "nothing"
        raise BackupError(f"the bucket cannot restore {wanted}: its newest copy has {has}")

    def _log(self, snapshot: Snapshot) -> Log:
        """The outline of a copy, which stays in the home of what is fetched."""
        system = snapshot.value(SYSTEM) or ""
        present = complete_bases(self._snapshots, system)
        self.clean()
        catalogue = self._catalogue(system)
        catalogue.directory.mkdir(mode=0o700, parents=True)
        self._repository.restore(snapshot, catalogue.directory, *OUTLINE)
        return Log(
            snapshot=snapshot,
            system=system,
            complete=float(snapshot.value(COMPLETE) or 0),
            backups=tuple(
                described(identity, system, path.read_text())
                for identity, path in infos.present(catalogue.directory).items()
                if identity in present
            ),
        )

    def _folders(self, snapshot: Snapshot) -> list[str]:
        """The directories with segments in a copy of the log."""
        rows = self._repository.run("ls", snapshot.id, "/wals", "--json", "--no-lock").splitlines()
        return [
            node["name"]
            for node in map(json.loads, rows)
            if node.get("type") == "dir" and node["path"].startswith("/wals/")
        ]

    def _catalogue(self, system: str) -> Catalogue:
        return Catalogue(layout=self._home, system=system)

    def _make_room(self, size: int) -> None:
        """The data comes back once; the log that is applied takes about as much at most."""
        free = shutil.disk_usage(self._home.directory).free
        if free < 2 * size:
            raise BackupError(
                f"the volume of backups has {free >> 20} MiB left, and this restore needs "
                f"{2 * size >> 20} MiB: make data.backup.size larger"
            )


def _window(log: Log) -> str:
    if log.window is None:
        return "no complete base backup"
    return " to ".join(map(moments.text, log.window))


def _chosen(log: Log, catalogue: Catalogue, at: float | None, identity: str | None) -> Backup:
    """The newest base backup from which the log leads there."""
    if identity:
        fitting = [backup for backup in log.backups if backup.id == identity]
    else:
        line = timelines.current(catalogue) if at is None else timelines.at(catalogue, at)
        fitting = [
            backup
            for backup in log.backups
            if line.has(backup) and (at is None or (backup.end or at) <= at)
        ]
    if not fitting:
        raise BackupError(f"the bucket has no base backup for that: it has {_window(log)}")
    return fitting[-1]
