"""Sends the backups of the database to the bucket, and keeps the bucket in order.

The write-ahead log goes first, each time. Each base backup goes once, in pieces, and the log again
between two pieces. So the bucket is never further behind than the schedule and one piece.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backup.offsite import tree
from backup.offsite.keep import grouped, superseded
from backup.offsite.restic import NoRepository, OffsiteError, Repository, Snapshot
from backup.offsite.state import StateFile

LOG = "wal"
SYSTEM, COMPLETE, BASE, PIECE = "system-", "complete-", "base-", "piece-"
DAY = 24 * 3600
# The whole content is proved once in so many days, a share of it each day.
CHECK_DAYS = 14

logger = logging.getLogger(__name__)


class OtherServer(OffsiteError):
    """The bucket has the backups of a server that this volume never had."""


class Backups:
    """The backups of one Barman home in a repository.

    `caught_up` says up to which moment the home has the write-ahead log. `interval` is the longest
    time in seconds between two copies of the log. `days` is how long backups are kept.
    """

    def __init__(
        self,
        repository: Repository,
        *,
        directory: Path,
        home: Path,
        days: int,
        interval: float,
        caught_up: Callable[[], float | None] = time.time,
        piece: int = tree.PIECE,
    ) -> None:
        self.repository = repository
        self._tree = directory / ".offsite"
        self._records = directory / "records.json"
        self._home = home
        self._days = days
        self._interval = interval
        self._caught_up = caught_up
        self._piece = piece
        self.file = StateFile(directory / "offsite.json")

    def run(self, *, adopt: bool = False) -> None:
        """Send what the bucket lacks. Failures are remembered and logged, and raised."""
        try:
            self._send(adopt)
        except OffsiteError as error:
            self.file.change(at=time.time(), ok=False, reason=str(error))
            logger.error("offsite: %s", error)
            raise
        finally:
            tree.remove(self._tree)
        self.file.change(at=time.time(), ok=True, reason="")
        if time.time() - self.file.state.kept_at > DAY:
            self.keep()

    def _send(self, adopt: bool) -> None:
        system = tree.identifier(self._home)
        if system is None:
            raise OffsiteError("there is no backup of the server yet")
        if self.repository.ensure():
            logger.info("offsite: made the repository %s", self.repository.bucket.repository)
        snapshots = self.repository.snapshots()
        self._ours(snapshots, system, adopt)
        sent = self._send_log(system)
        for backup in self._missing(snapshots):
            files = tree.pieces(self._home, backup, self._piece)
            for number, piece in enumerate(files, start=1):
                tags = (f"{SYSTEM}{system}", f"{BASE}{backup}", f"{PIECE}{number}-of-{len(files)}")
                if not any(set(tags) <= snapshot.tags for snapshot in snapshots):
                    tree.link_piece(self._home, backup, piece, self._tree)
                    added = self.repository.backup(self._tree, tags)
                    logger.info("offsite: sent %s, %d bytes added", " ".join(tags[1:]), added)
                if time.time() - sent >= self._interval:
                    sent = self._send_log(system)
        # Before the first base backup is there, nothing can be restored.
        if any(True for _ in complete_bases(self.repository.snapshots(), system)):
            self.file.change(complete=self._sent_up_to)

    _sent_up_to: float | None = None

    def _send_log(self, system: str) -> float:
        started = time.time()
        caught_up = self._caught_up()
        complete = started if caught_up is None else min(started, caught_up)
        tree.link_log(self._home, self._tree)
        if self._records.exists():
            (self._tree / self._records.name).write_bytes(self._records.read_bytes())
        tags = (LOG, f"{SYSTEM}{system}", f"{COMPLETE}{complete:.0f}")
        self.repository.backup(self._tree, tags)
        self._sent_up_to = complete
        return started

    def _ours(self, snapshots: Sequence[Snapshot], system: str, adopt: bool) -> None:
        """A new server of an empty stack must not take the place of the one in the bucket."""
        known = {*self.file.state.systems, system}
        newest = next((s for s in reversed(snapshots) if LOG in s.tags), None)
        other = newest.value(SYSTEM) if newest else None
        if other and other not in known and not adopt:
            raise OtherServer(
                f"the bucket has the backups of another server, with the system identifier {other}; "
                f"this one has {system}. `make restore FROM=offsite` brings that one back. "
                "`backup offsite --adopt` in the backup part sends this one's backups beside it"
            )
        systems = known | ({other} if other else set())
        if systems != set(self.file.state.systems):
            self.file.change(systems=tuple(sorted(systems)))

    def _missing(self, snapshots: Sequence[Snapshot]) -> list[str]:
        """The base backups that the bucket lacks, the newest first."""
        present = set(complete_bases(snapshots, None))
        return [id for id in reversed(tree.complete(self._home)) if id not in present]

    def keep(self) -> None:
        """Remove from the bucket what is too old, and prove a share of what it has."""
        now = datetime.now(UTC)
        try:
            self.repository.forget(self._too_old(self.repository.snapshots(), now))
            self.repository.prune()
            self.check(f"{now.toordinal() % CHECK_DAYS + 1}/{CHECK_DAYS}")
        except OffsiteError as error:
            logger.error("offsite: %s", error)
            self.file.change(check_reason=str(error))
        self.file.change(kept_at=time.time())

    def check(self, share: str | None) -> None:
        """Raises OffsiteError with what is damaged in the bucket."""
        try:
            self.repository.check(share)
        except OffsiteError as error:
            self.file.change(check_reason=str(error))
            raise
        self.file.change(check_reason="")

    def repair(self) -> None:
        """Send again what is damaged in the bucket, as far as this volume has it."""
        self.repository.repair()
        self.repository.forget(self.repository.snapshots())
        self.run()
        self.check("100%")

    def _too_old(self, snapshots: Sequence[Snapshot], now: datetime) -> list[Snapshot]:
        """The bucket goes back twice as far as the volume: its oldest log has its own base."""
        local = set(tree.complete(self._home))
        expiry = now - timedelta(days=2 * self._days)
        current = self.file.state.systems
        own = tree.identifier(self._home)
        old: list[Snapshot] = []
        for system, group in grouped(snapshots, lambda s: s.value(SYSTEM)).items():
            logs = [snapshot for snapshot in group if LOG in snapshot.tags]
            bases = [snapshot for snapshot in group if LOG not in snapshot.tags]
            if system != own and system in current and all(s.time < expiry for s in group):
                old += group
                continue
            old += superseded(logs, days=self._days, now=now)
            newest = max((s.value(BASE) or "" for s in bases), default="")
            old += [
                s
                for s in bases
                if s.time < expiry and s.value(BASE) not in {*local, newest}
            ]
        return old


def complete_bases(snapshots: Sequence[Snapshot], system: str | None) -> dict[str, list[Snapshot]]:
    """The base backups of which the bucket has every piece, with these in order."""
    complete: dict[str, list[Snapshot]] = {}
    for backup, group in grouped(snapshots, lambda s: s.value(BASE)).items():
        pieces = {s.value(PIECE): s for s in group if system in (None, s.value(SYSTEM))}
        count = next((int((name or "").split("-of-")[1]) for name in pieces if name), 0)
        names = [f"{number}-of-{count}" for number in range(1, count + 1)]
        if count and all(name in pieces for name in names):
            complete[backup] = [pieces[name] for name in names]
    return complete
