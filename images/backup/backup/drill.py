"""A drill: restores the newest backup into a scratch server and proves that nothing is missing."""

import logging
import shutil
import time
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from backup import base_files, recovery, server, snapshots, timelines, wal, wal_files
from backup.backups import UNREADABLE, Backup, info
from backup.context import Context
from backup.engine import Catalogue
from backup.errors import BackupError
from backup.layout import RESTORE_PORT, Layout, program
from backup.programs import ProgramFailed, run
from backup.records import Outcome, Records
from backup.scratch_server import SUPERUSER, ScratchServer
from backup.snapshots import Content, Moment, Table
from backup.wal_files import Damaged

log = logging.getLogger(__name__)

RECEIVE_SECONDS = 120
# The data is thrown away, so it need not survive a power cut.
HASTY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
}


def drill(context: Context) -> dict[str, Any]:
    """Run a drill and record how it ended. The caller holds the lock."""
    started = time.time()
    backup = None
    try:
        context.records.set(drill_begun=started)
        clean(context.layout)
        backup = _newest(context)
        answer = _drill(context, backup)
    except Exception as error:
        _record(context, started, backup, ok=False, reason=str(error), left_out=None)
        raise
    finally:
        clean(context.layout)
    left_out = answer["databases_left_out"]
    reason = f"not compared: {', '.join(left_out)}" if left_out else None
    _record(context, started, backup, ok=True, reason=reason, left_out=len(left_out))
    seconds = time.time() - started
    log.info("the backup %s is verified, in %.1f s", backup.id, seconds)
    return {"backup": backup.id, "seconds": round(seconds, 1), **answer}


def clean(places: Layout) -> None:
    """Remove what a drill leaves, also one that was killed."""
    _server(places, {}).stop()
    shutil.rmtree(places.drill, ignore_errors=True)


def verify(context: Context, identity: str) -> dict[str, Any]:
    """Check the files of one backup, and the WAL that makes it whole. Nothing is restored."""
    context.write_engine()
    backup = context.backups.one(identity)
    if not backup.done:
        raise BackupError(f"the backup {identity} is not complete: {backup.state}")
    catalogue = Catalogue(layout=context.layout, system=backup.system)
    base_files.check(catalogue, backup)
    size = wal.segment_size(catalogue.wals)
    assert backup.end_lsn is not None
    _check_wal(context, catalogue, backup, backup.end_lsn, size)
    return {"id": identity, "ok": True}


def _newest(context: Context) -> Backup:
    context.write_engine()
    catalogue = context.catalogue()
    current = timelines.current(catalogue).number
    backups = list(context.backups.of(catalogue))
    done = [one for one in backups if one.done and one.timeline == current]
    last = backups[-1] if backups else None
    if last and last.state == UNREADABLE:
        raise Damaged(f"{info(catalogue, last.id)} is missing or damaged")
    if not done:
        raise BackupError("there is no backup of the server as it is now; `backup now` makes one")
    return done[-1]


def _drill(context: Context, backup: Backup) -> dict[str, Any]:
    catalogue = Catalogue(layout=context.layout, system=backup.system)
    name = f"drill-{int(time.time())}"
    with snapshots.moment(context.server, name) as moment:
        expected: dict[Table, Content] = snapshots.contents(
            moment.tables, lambda database: nullcontext(moment.snapshots[database])
        )
    size = _received(context, catalogue, moment)
    base_files.check(catalogue, backup)
    _check_wal(context, catalogue, backup, moment.position, size)
    data = context.layout.drill / "data"
    recovery.copy(context, backup, data, slowly=True)
    (data / "recovery.signal").touch()
    options = recovery.options(catalogue, recovery.named(name, catalogue, backup))
    scratch = _server(context.layout, {**options, **HASTY})
    scratch.start()
    _compare(scratch, expected)
    _amcheck(scratch)
    return {
        "tables": len(expected),
        "sampled": sum(table.percent < 100 for table in expected),
        "rows": sum(content.rows for content in expected.values()),
        "databases_left_out": list(moment.left_out),
    }


def _received(context: Context, catalogue: Catalogue, moment: Moment) -> int:
    """Wait until the WAL up to the restore point is here; return the size of a WAL file."""
    end = time.monotonic() + RECEIVE_SECONDS
    with context.server.session() as session:
        while True:
            position = server.position(session)
            if position.system != catalogue.system:
                raise BackupError("the server is another one than that of the backups")
            if (position.received or 0) >= moment.position:
                return position.segment_size
            if time.monotonic() > end:
                raise BackupError(f"the WAL of the drill did not arrive in {RECEIVE_SECONDS} s")
            time.sleep(0.5)


def _check_wal(context: Context, catalogue: Catalogue, backup: Backup, end: int, size: int) -> None:
    assert backup.timeline is not None
    assert backup.begin_lsn is not None
    scratch = context.layout.drill / "wal"
    wal_files.check(catalogue, backup.timeline, backup.begin_lsn, end, scratch, size)


def _compare(scratch: ScratchServer, expected: dict[Table, Content]) -> None:
    restored = snapshots.contents(expected, scratch.session)
    different = [table for table in expected if restored[table] != expected[table]]
    if different:
        table = different[0]
        raise BackupError(
            f"{len(different)} tables differ from the server's, such as {table}: it had "
            f"{expected[table].rows} rows and has {restored[table].rows} after the restore"
        )


def _amcheck(scratch: ScratchServer) -> None:
    try:
        run(
            program("pg_amcheck"),
            "--all",
            "--install-missing",
            "--no-password",
            f"--host={scratch.sockets}",
            f"--port={scratch.port}",
            f"--username={SUPERUSER}",
        )
    except ProgramFailed as error:
        raise BackupError(f"the restored data is damaged: {error}") from error


def _server(places: Layout, options: dict[str, str]) -> ScratchServer:
    return ScratchServer(
        name="drill", data=places.drill / "data", port=RESTORE_PORT, options=options
    )


def _record(
    context: Context,
    started: float,
    backup: Backup | None,
    *,
    ok: bool,
    reason: str | None,
    left_out: int | None,
) -> None:
    ended = time.time()
    outcome = Outcome(
        at=ended,
        ok=ok,
        reason=reason,
        seconds=ended - started,
        backup=backup.id if backup else None,
        databases_left_out=left_out,
    )
    kept = {path.name for path in context.layout.catalogues.glob("*/base/*")}
    context.records.change(lambda records: _with(records, outcome, kept))


def _with(records: Records, outcome: Outcome, kept: set[str]) -> Records:
    verified = {name: at for name, at in records.verified.items() if name in kept}
    if outcome.ok and outcome.backup:
        verified[outcome.backup] = outcome.at
    return replace(records, drill=outcome, verified=verified)
