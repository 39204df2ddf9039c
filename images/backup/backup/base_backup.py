"""A base backup, and the retention after it."""

import logging
import shutil
import time
from contextlib import suppress
from dataclasses import replace
from functools import partial

from backup import engine, moments, server, volume, web
from backup.backups import STATES, UNREADABLE, WAITING, Backup
from backup.context import Context
from backup.engine import Catalogue
from backup.errors import BackupError
from backup.records import Outcome, Records
from backup.server import Session

log = logging.getLogger(__name__)

WAIT_SECONDS = 600
"""For the WAL that makes a backup whole."""
MISSES = 2
"""Looks for that WAL before its last file is ended: usually it is complete, and arrives at once."""
START_SECONDS = 10
"""For a receiver that has just been started."""
LEFT = ("failed", "empty", "started")
"""The states of a backup that did not end."""
MARGIN = 64 * 2**20
"""Room that a base backup leaves for the WAL that comes meanwhile."""


def now(context: Context) -> Backup:
    """Make a base backup. The caller holds the lock."""
    started = time.time()
    try:
        backup = _make(context)
    except (BackupError, OSError) as error:
        # A full volume has no room for the record either; what stopped the backup is worth more.
        with suppress(OSError):
            _remember(context, Outcome(at=time.time(), ok=False, reason=str(error)))
        raise
    seconds = time.time() - started
    log.info("base backup %s, %s in %.1f s", backup.id, volume.mebibytes(backup.size or 0), seconds)
    _remember(context, Outcome(at=time.time(), ok=True, seconds=seconds, backup=backup.id))
    apply_retention(context)
    return backup


def _make(context: Context) -> Backup:
    catalogue = context.catalogue()
    context.write_engine(catalogue.system)
    try:
        # Before anything that fails without room: a full volume would never become free again.
        apply_retention(context)
    except (BackupError, OSError) as error:
        log.error("retention: %s", error)
    with context.server.session() as session:
        other = server.position(session).system
        if other != catalogue.system:
            raise BackupError(
                f"the server has the system identifier {other}, and these backups are of "
                f"{catalogue.system}: `backup adopt` goes on with this server"
            )
        _until_receiving()
        _refuse_without_room(context, session)
        _first_wal(catalogue, session)
    _tidy(context, catalogue)
    before = {backup.id for backup in context.backups.of(catalogue)}
    try:
        engine.barman("backup", catalogue.name)
    except BackupError:
        _tidy(context, catalogue)
        raise
    return _whole(context, catalogue, before)


def _whole(context: Context, catalogue: Catalogue, before: set[str]) -> Backup:
    """The new backup, once its WAL is here. The last file of that may only have begun: later Barman
    names the one that follows where a backup ends at the end of a file."""
    end, looks = time.monotonic() + WAIT_SECONDS, 0
    while time.monotonic() < end:
        engine.archive(catalogue)
        for backup in context.backups.of(catalogue):
            if backup.id not in before and backup.state == STATES[WAITING]:
                engine.barman("check-backup", catalogue.name, backup.id)
        for backup in context.backups.of(catalogue):
            if backup.id not in before and backup.done:
                return backup
        looks += 1
        if looks == MISSES:
            with context.server.session() as session:
                _end_wal_file(session)
        time.sleep(0.5)
    raise BackupError(f"the WAL of the base backup did not arrive within {WAIT_SECONDS} s")


def _until_receiving() -> None:
    """Barman refuses a backup without WAL, and does not say why there is none."""
    end = time.monotonic() + START_SECONDS
    while True:
        status = web.ask()
        if status is None:
            raise BackupError("`backup serve` does not run, so no WAL is received")
        if status["archiving"]["state"] == "streaming":
            return
        if time.monotonic() > end:
            raise BackupError(f"no WAL is received: {status['archiving']['reason']}")
        time.sleep(1)


def _refuse_without_room(context: Context, session: Session) -> None:
    size = int(session.value("SELECT sum(pg_database_size(oid)) FROM pg_database"))
    available = volume.room(context.layout.directory).available
    if available < size + MARGIN:
        raise BackupError(
            f"a base backup takes about {volume.mebibytes(size)}, and the volume has "
            f"{volume.mebibytes(available)} left: give it more room, or keep backups for a "
            "shorter time"
        )


def _first_wal(catalogue: Catalogue, session: Session) -> None:
    """Barman makes no backup before the first WAL file is in the catalogue."""

    def arrived() -> bool:
        # Barman 3.4 calls its list of the files `xlog.db`; later ones put the server's name before.
        return any(path.stat().st_size for path in catalogue.wals.glob("*xlog.db"))

    if arrived():
        return
    _end_wal_file(session)
    end = time.monotonic() + WAIT_SECONDS
    while not arrived():
        if time.monotonic() > end:
            raise BackupError(f"the first WAL file did not arrive within {WAIT_SECONDS} s")
        time.sleep(0.5)
        engine.archive(catalogue)


def _end_wal_file(session: Session) -> None:
    """Let the present WAL file arrive. A switch needs something in it, and Barman moves a file when
    the next one has begun."""
    for query in ("pg_create_restore_point('begin')", "pg_switch_wal()"):
        session.rows(f"SELECT {query}")
    session.rows("SELECT pg_create_restore_point('begin')")


def _tidy(context: Context, catalogue: Catalogue) -> None:
    """Remove what failed and killed backups left: it takes room, and nothing can be restored from
    it. One that only lacked WAL when it was interrupted may be complete now."""
    for backup in context.backups.of(catalogue):
        if backup.state == STATES[WAITING]:
            engine.barman("check-backup", catalogue.name, backup.id)
        elif backup.state in LEFT:
            engine.barman("delete", catalogue.name, backup.id)


def apply_retention(context: Context) -> None:
    """Remove what the retention no longer promises."""
    oldest = time.time() - context.config.retention.days * 86400
    _remove_left(context, oldest)
    spared = _last_verified(context)
    for catalogue in engine.catalogues(context.layout):
        for identity in engine.obsolete(catalogue):
            if identity == spared:
                log.warning("keeping the old backup %s, as the last drill failed", identity)
                continue
            engine.barman("delete", catalogue.name, identity)
            log.info("removed the backup %s: the retention no longer needs it", identity)
        for backup in context.backups.of(catalogue):
            folder = catalogue.base(backup.id)
            if backup.state == UNREADABLE and folder.stat().st_mtime < oldest:
                shutil.rmtree(folder)
                log.info("removed the backup %s, of which nothing is known", backup.id)


def _last_verified(context: Context) -> str | None:
    """The backup that stays whatever its age: while drills fail, no newer one is known to work."""
    records = context.records.read()
    if records.drill is None or records.drill.ok:
        return None
    present = (backup.id for backup in context.backups.all())
    return max((one for one in present if one in records.verified), default=None)


def _remove_left(context: Context, oldest: float) -> None:
    """Remove the backups of servers that were given up before this moment."""
    for system, left in context.records.read().left.items():
        if left < oldest:
            directory = Catalogue(layout=context.layout, system=system).directory
            # It is gone where this was killed before the record was changed.
            if directory.exists():
                shutil.rmtree(directory)
            log.info("removed the backups of the server %s, left %s", system, moments.text(left))
            context.records.change(partial(_without, system=system))


def _without(records: Records, system: str) -> Records:
    return replace(records, left={name: at for name, at in records.left.items() if name != system})


def _remember(context: Context, outcome: Outcome) -> None:
    if outcome.ok:
        context.records.set(attempt=outcome, backup_needed=None, slot_lost=False)
    else:
        context.records.set(attempt=outcome)
