"""Data recovered for a restore, and the server on it that the database clones."""

import json
import logging
import secrets
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from backup import layout, recovery, wal, wal_files
from backup.backups import Backup
from backup.context import Context
from backup.engine import Catalogue
from backup.errors import BackupError
from backup.layout import RESTORE_PORT, Layout
from backup.offsite import fetch
from backup.recovery import Target
from backup.scratch_server import ScratchServer
from backup.server import quoted

log = logging.getLogger(__name__)

GUC = "platform.restore_id"


@dataclass(frozen=True, kw_only=True)
class Restore:
    id: str
    target: str
    backup: str
    size: int
    closed: bool = False
    """Whether `backup open` must come first. Until then no server may be open, also after a restart
    of the part: a database that starts would replace its data by this."""


def current(places: Layout) -> Restore | None:
    """What is recovered; None where nothing is, or a recovery did not end."""
    try:
        return Restore(**json.loads(_note(places).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        log.warning("%s cannot be read: %s", _note(places), error)
        return None


def recover(
    context: Context, at: float | None, identity: str | None, *, closed: bool
) -> dict[str, Any]:
    """Recover data, and unless it stays `closed` open a server on it. The caller holds the lock."""
    context.write_engine()
    backup, target = recovery.choose(context, at, identity)
    discard(context)
    log.info("recovering %s from the backup %s", target.words, backup.id)
    recovery.copy(context, backup, _data(context.layout))
    _apply_wal(context, backup, target, Catalogue(layout=context.layout, system=backup.system))
    return _counted(context) if closed else open_server(context)


def recover_offsite(
    context: Context, at: float | None, identity: str | None, *, closed: bool
) -> dict[str, Any]:
    """Recover data from the bucket, likewise. The caller holds the lock."""
    discard(context)
    fetched = fetch.fetch(context, at=at, identity=identity)
    backup, catalogue = fetched.backup, fetched.catalogue
    target = recovery.target(catalogue, backup, at, identity)
    log.info("recovering %s from the backup %s in the bucket", target.words, backup.id)
    recovery.move(catalogue.base(backup.id) / "data", _data(context.layout))
    _apply_wal(context, backup, target, catalogue)
    fetch.discard(context.layout)
    return _counted(context) if closed else open_server(context)


def _apply_wal(context: Context, backup: Backup, target: Target, catalogue: Catalogue) -> None:
    """Apply WAL up to the target, and note that the data is recovered."""
    data = _data(context.layout)
    (data / "recovery.signal").touch()
    words = target.words
    server = _server(context, "recovering", recovery.options(catalogue, target))
    try:
        server.start()
    except BackupError as error:
        if recovery.ENDED not in str(error):
            raise
        missing, last = _missing(server, backup, target, catalogue)
        if missing:
            raise BackupError(f"{missing}; what can be restored ends at {last}") from error
        # Nothing was written after that moment, as far as WAL came, so it is the latest state.
        log.warning("no WAL came from after %s", words)
        words = f"the latest state before {words}, as no WAL came from after it"
        server = _server(
            context, "recovering", recovery.options(catalogue, replace(target, options={}))
        )
        server.start()
    else:
        if not target.options:
            missing, last = _missing(server, backup, target, catalogue)
            words = f"the state of {last}; then {missing}" if missing else words
    server.stop()
    identity, size = secrets.token_hex(8), _size(data)
    _write(context, Restore(id=identity, target=words, backup=backup.id, size=size, closed=True))


def _missing(
    server: ScratchServer, backup: Backup, target: Target, catalogue: Catalogue
) -> tuple[str | None, str]:
    """Why recovery ended before the newest WAL that was received, and at which transaction.

    A server that finds no further WAL takes that for the end, also where a file is missing.
    """
    end = recovery.End.of(server.log.read_text(encoding="utf-8", errors="replace"))
    position = end.position or backup.end_lsn or 0
    scratch = server.data.with_name("wal")
    size = wal.segment_size(catalogue.wals)
    try:
        wal_files.check_to_the_end(catalogue, target.timeline, position, scratch, size)
    except wal_files.Damaged as error:
        return str(error), end.transaction
    return None, end.transaction


def open_server(context: Context) -> dict[str, Any]:
    """Start the server on the recovered data, and count the rows. The part opens it again whenever
    it restarts."""
    restore = _expected(context)
    server = _server(context, restore.id, {}, listens="*")
    if restore.closed:
        # A count that was killed leaves one that does not listen.
        server.stop()
    if not server.running():
        server.start()
    _set_password(context, server)
    _write(context, replace(restore, closed=False))
    log.info("the data of %s is at port %d", restore.target, RESTORE_PORT)
    return _answer(restore, server)


def reopen(context: Context) -> None:
    """After a restart of the part, open what was open."""
    restore = current(context.layout)
    if restore and not restore.closed:
        open_server(context)


def stop_server(context: Context) -> None:
    """End the server. Whether it opens again is noted already."""
    _server(context, "", {}).stop()


def _counted(context: Context) -> dict[str, Any]:
    """Count the rows in a server that nobody reaches."""
    restore = _expected(context)
    server = _server(context, restore.id, {})
    try:
        server.start()
        return _answer(restore, server)
    finally:
        server.stop()


def _answer(restore: Restore, server: ScratchServer) -> dict[str, Any]:
    return {
        "id": restore.id,
        "target": restore.target,
        "size": restore.size,
        "tables": rows(server),
    }


def _expected(context: Context) -> Restore:
    restore = current(context.layout)
    if restore is None:
        raise BackupError("nothing is recovered; `backup recover` does it")
    return restore


def discard(context: Context) -> None:
    """End the server and remove its data."""
    stop_server(context)
    fetch.discard(context.layout)
    if context.layout.restore.exists():
        _note(context.layout).unlink(missing_ok=True)
        shutil.rmtree(context.layout.restore)


def give_up(context: Context) -> None:
    """Discard, and forget that a restore has begun."""
    discard(context)
    context.layout.restore_begun.unlink(missing_ok=True)


def rows(server: ScratchServer) -> list[dict[str, Any]]:
    """How many rows each table of each database has."""
    counts = []
    for database in server.databases():
        with server.session(database) as session:
            for schema, table in session.rows(TABLES):
                query = f"SELECT count(*) FROM {quoted(schema)}.{quoted(table)}"  # noqa: S608
                count = {"database": database, "table": f"{schema}.{table}"}
                counts.append({**count, "rows": session.value(query)})
    return counts


TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence = 'p'
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
ORDER BY 1, 2
"""


def _server(
    context: Context, identity: str, options: dict[str, str], listens: str = ""
) -> ScratchServer:
    role = context.config.server.user
    return ScratchServer(
        name="restore",
        data=_data(context.layout),
        port=RESTORE_PORT,
        listens=listens,
        allowed=(
            f"host all {role} all scram-sha-256",
            f"host replication {role} all scram-sha-256",
        ),
        options={**options, GUC: identity},
    )


def _set_password(context: Context, server: ScratchServer) -> None:
    """Let the role in with today's password. The recovered one is of another time, or missing."""
    role = context.config.server.user
    with server.session() as session:
        session.rows("SET log_statement = 'none'")
        if not session.rows("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)):
            session.rows(f"CREATE ROLE {quoted(role)}")
        stored = session.password_hash(context.server.password(), role)
        session.rows(f"ALTER ROLE {quoted(role)} LOGIN REPLICATION PASSWORD %s", (stored,))
        session.rows(f"GRANT pg_monitor TO {quoted(role)}")


def _size(data: Path) -> int:
    return sum(path.stat().st_size for path in data.rglob("*") if path.is_file())


def _data(places: Layout) -> Path:
    return places.restore / "data"


def _write(context: Context, restore: Restore) -> None:
    layout.replace(_note(context.layout), json.dumps(asdict(restore)) + "\n")


def _note(places: Layout) -> Path:
    """Written when the recovery has ended: without it the data is worth nothing."""
    return places.restore / "restore.json"
