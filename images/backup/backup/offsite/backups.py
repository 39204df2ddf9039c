"""Sends the backups of the database to the bucket, and keeps the bucket in order.

The write-ahead log goes first, each time. Each base backup goes once, in pieces, and the log again
between two pieces. So the bucket is never further behind than the schedule and one piece.
"""

import json
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from backup import engine, layout, lock
from backup.context import Context
from backup.engine import Catalogue, catalogues
from backup.errors import BackupError
from backup.layout import Layout
from backup.offsite import objects, tree
from backup.offsite.keep import (
    BASE,
    COMPLETE,
    DAY,
    LOG,
    PIECE,
    SYSTEM,
    complete_bases,
    share,
    too_old,
)
from backup.offsite.restic import Ending, OffsiteError, Repository, Snapshot
from backup.records import Outcome

# Between two copies of the log, while a base backup is sent.
LOG_SECONDS = 300

log = logging.getLogger(__name__)


class OtherServer(OffsiteError):
    """The bucket has the backups of a server that this volume never had."""


@dataclass(frozen=True, kw_only=True)
class State:
    """What is known of the bucket. Times are seconds since 1970.

    `complete` is the moment up to which it has everything. `kept_at` is when it was put in order,
    and `damage` what the last check found.
    """

    complete: float | None = None
    kept_at: float = 0.0
    damage: str | None = None


class Copies:
    """The backups of this volume in the bucket.

    `caught_up` says up to which moment the volume has the write-ahead log, where that is known.
    """

    def __init__(
        self,
        context: Context,
        caught_up: Callable[[], float | None] = lambda: None,
        piece: int = tree.PIECE,
    ) -> None:
        self.repository = repository(context)
        self._context = context
        self._days = context.config.retention.days
        self._directory = context.layout.offsite
        self._tree = self._directory / "tree"
        self._caught_up = caught_up
        self._piece = piece
        self._logged = 0.0

    def run(self, *, adopt: bool = False) -> None:
        """Send what the bucket lacks, and once a day put it in order.

        Raises BackupError after the failure is recorded.
        """
        with self._alone("offsite"):
            try:
                self._send(adopt)
                if time.time() - self.state.kept_at > DAY:
                    self._change(kept_at=time.time())
                    self._keep()
            except Ending:
                raise
            except BackupError as error:
                self._record(ok=False, reason=str(error))
                raise
            finally:
                tree.remove(self._tree)
            damage = self.state.damage
            self._record(ok=damage is None, reason=damage)

    def check(self) -> None:
        """Prove all that the bucket has. Raises OffsiteError with what is damaged."""
        with self._alone("offsite --check"):
            self._check("100%")

    def repair(self) -> None:
        """Send again what is damaged in the bucket, as far as this volume has it.

        Copies of what it no longer has stay damaged until they are too old.
        """
        with self._alone("offsite --repair"):
            catalogue = self._context.catalogue()
            bucket = self._context.config.offsite
            assert bucket
            objects.remove_damaged(bucket, self.repository)
            try:
                self._send_log(catalogue, "--force")
                for backup in tree.complete(catalogue.directory):
                    self._send_base(catalogue, backup, (), "--force")
            finally:
                tree.remove(self._tree)
            self._check("100%")

    @property
    def state(self) -> State:
        return state(self._context.layout)

    def _check(self, share: str) -> None:
        try:
            self.repository.check(share)
        except OffsiteError as error:
            self._change(damage=str(error))
            self._record(ok=False, reason=str(error))
            raise
        self._change(damage=None)
        self._record(ok=True, reason=None)

    def _keep(self) -> None:
        """Remove from the bucket what is too old, and prove a share of what it has."""
        now = datetime.now(UTC)
        catalogue = self._context.catalogue()
        old = too_old(
            self.repository.snapshots(),
            system=catalogue.system,
            needed=tree.complete(catalogue.directory),
            days=self._days,
            now=now,
        )
        self.repository.forget(old)
        self.repository.prune()
        self._check(share(now))
        log.info("offsite: removed %d snapshots, and checked a share of the rest", len(old))

    def _send(self, adopt: bool) -> None:
        catalogue = self._context.catalogue()
        if self.repository.ensure():
            log.info("offsite: made the repository %s", self.repository.address)
            self._change(kept_at=time.time())
        snapshots = self.repository.snapshots()
        if not adopt:
            self._ours(snapshots, catalogue.system)
        complete = self._send_log(catalogue)
        present = complete_bases(snapshots, catalogue.system)
        local = tree.complete(catalogue.directory)
        for backup in reversed(local):
            if backup not in present:
                complete = self._send_base(catalogue, backup, snapshots) or complete
                present[backup] = []
        # Until a base backup that this log continues is there, nothing can be restored.
        if local:
            self._change(complete=complete)

    def _send_log(self, catalogue: Catalogue, *options: str) -> float:
        """Send the log; return the moment up to which the bucket now has it."""
        self._logged = time.time()
        complete = min(self._logged, self._caught_up() or engine.received(catalogue))
        tree.link_log(catalogue.directory, self._tree)
        tags = (LOG, f"{SYSTEM}{catalogue.system}", f"{COMPLETE}{complete:.0f}")
        self.repository.backup(self._tree, tags, *options)
        return complete

    def _send_base(
        self, catalogue: Catalogue, backup: str, snapshots: Sequence[Snapshot], *options: str
    ) -> float | None:
        """Send a base backup; return the moment of the log if that was sent in between."""
        pieces = tree.pieces(catalogue.directory, backup, self._piece)
        complete = None
        for number, files in enumerate(pieces, start=1):
            piece = f"{PIECE}{number}-of-{len(pieces)}"
            tags = (f"{BASE}{backup}", f"{SYSTEM}{catalogue.system}", piece)
            if any(snapshot.tags.issuperset(tags) for snapshot in snapshots):
                continue
            if time.time() - self._logged > LOG_SECONDS:
                complete = self._send_log(catalogue)
            tree.link_piece(catalogue.directory, backup, files, self._tree)
            added = self.repository.backup(self._tree, tags, *options)
            log.info("offsite: sent %s of %s, %d bytes", piece, backup, added)
        return complete

    def _ours(self, snapshots: Sequence[Snapshot], system: str) -> None:
        """The server of a new, empty stack must not take the place of the one in the bucket."""
        known = {system, *(catalogue.system for catalogue in catalogues(self._context.layout))}
        newest = next((one for one in reversed(snapshots) if LOG in one.tags), None)
        other = newest.value(SYSTEM) if newest else None
        if other and other not in known:
            raise OtherServer(
                f"the bucket has the backups of the server with the system identifier {other}, and "
                f"this one has {system}: `make restore FROM=offsite` brings its data back, and "
                "`backup offsite --adopt` in the backup part goes on with this server"
            )

    def _record(self, *, ok: bool, reason: str | None) -> None:
        if not ok:
            log.error("offsite: %s", reason)
        self._context.records.set(offsite=Outcome(at=time.time(), ok=ok, reason=reason))

    def _change(self, **values: object) -> None:
        changed = replace(self.state, **values)  # type: ignore[arg-type]
        layout.replace(_file(self._context.layout), json.dumps(asdict(changed)) + "\n")

    def _alone(self, command: str) -> AbstractContextManager[None]:
        """Two runs would take the same tree for different things."""
        self._directory.mkdir(mode=0o700, exist_ok=True)
        return lock.only(self._directory / "lock", command)


def repository(context: Context) -> Repository:
    """Where the backups go. Raises BackupError for a stack without a bucket."""
    if context.config.offsite is None:
        raise BackupError("this stack has no bucket: data.backup.offsite is not set")
    return Repository(context.config.offsite, context.layout.offsite)


def state(places: Layout) -> State:
    try:
        return State(**json.loads(_file(places).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return State()


def _file(places: Layout) -> Path:
    return places.offsite / "state.json"
