"""What the tables of a server hold at one position of its WAL, and what recovered data holds."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass

from backup.errors import BackupError
from backup.server import Server, Session, quoted

log = logging.getLogger(__name__)

WHOLE_BYTES = 64 * 2**20
"""Tables up to this size are read whole. Of larger ones as much is read, as a sample."""
ATTEMPTS = 20
PAUSE_SECONDS = 3.0
SEED = 12
ROW = '"platform_backup row"'
"""A name that no column has: a column of this name would be read instead of the row."""
# What the text of a row depends on. Both servers must write it alike.
TEXT = (
    "SET timezone = 'UTC'",
    "SET datestyle = 'ISO, YMD'",
    "SET intervalstyle = 'postgres'",
    "SET extra_float_digits = 1",
    "SET bytea_output = 'hex'",
    "SET xmlbinary = 'base64'",
    "SET lc_monetary = 'C'",
    "SET search_path = pg_catalog",
    "SET max_parallel_workers_per_gather = 0",
)
DATABASES = """
SELECT datname, has_database_privilege(oid, 'CONNECT') FROM pg_database
WHERE datallowconn AND NOT datistemplate
ORDER BY datname
"""
CAN_HOLD = "to_regprocedure('platform_backup.hold()') IS NOT NULL"
HELD = """
SELECT n.nspname, c.relname, pg_relation_size(c.oid)
FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation JOIN pg_namespace AS n
     ON n.oid = c.relnamespace
WHERE l.pid = %s AND l.mode = 'ShareLock' AND l.granted AND c.relkind = 'r'
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY 1, 2
"""


@dataclass(frozen=True, kw_only=True, order=True)
class Table:
    database: str
    schema: str
    name: str
    percent: float
    """How much of its pages is read."""

    def __str__(self) -> str:
        return f"{self.database}: {self.schema}.{self.name}"


@dataclass(frozen=True, kw_only=True)
class Content:
    rows: int
    checksum: str


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A restore point, and snapshots that see exactly what was committed before it."""

    restore_point: str
    position: int
    tables: tuple[Table, ...]
    snapshots: Mapping[str, Session]
    left_out: tuple[str, ...]
    """Databases that the role of backups may not read, or whose writers it cannot keep waiting,
    as they were created by hand."""


@contextmanager
def moment(server: Server, name: str) -> Iterator[Moment]:
    """Set a restore point while no database has a writer, and keep snapshots of that moment."""
    for attempt in range(1, ATTEMPTS + 1):
        with ExitStack() as stack:
            try:
                found = _moment(server, name, stack)
            except BackupError as error:
                if "lock timeout" not in str(error) or attempt == ATTEMPTS:
                    raise
                log.info("the tables are in use (attempt %d): %s", attempt, error)
            else:
                yield found
                return
        time.sleep(PAUSE_SECONDS)


def _moment(server: Server, name: str, stack: ExitStack) -> Moment:
    def session(database: str | None = None) -> Session:
        return stack.enter_context(closing(server.open(database, "backup-drill")))

    control = session()
    databases = dict(control.rows(DATABASES))
    sessions = {database: session(database) for database, allowed in databases.items() if allowed}
    snapshots = {
        database: one for database, one in sessions.items() if one.value(f"SELECT {CAN_HOLD}")
    }
    for one in snapshots.values():
        for setting in TEXT:
            one.rows(setting)
    tables: list[Table] = []
    with ExitStack() as held:
        holds = {
            database: held.enter_context(closing(server.open(database, "backup-drill")))
            for database in snapshots
        }
        pids = {database: one.value("SELECT pg_backend_pid()") for database, one in holds.items()}
        for one in holds.values():
            one.rows("BEGIN")
            one.rows("SELECT platform_backup.hold()")
        for database, one in snapshots.items():
            one.rows("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            found = one.rows(HELD, (pids[database],))
            some = [table(database, *row) for row in found]
            tables += some
            if some:
                # TRUNCATE empties a table for snapshots too, so it has to wait.
                names = ", ".join(f"ONLY {_name(table)}" for table in some)
                one.rows(f"LOCK TABLE {names} IN ACCESS SHARE MODE")
        position = control.value("SELECT pg_create_restore_point(%s) - '0/0'", (name,))
    return Moment(
        restore_point=name,
        position=int(position),
        tables=tuple(tables),
        snapshots=snapshots,
        left_out=tuple(database for database in databases if database not in snapshots),
    )


def contents(
    tables: Iterable[Table], session: Callable[[str], AbstractContextManager[Session]]
) -> dict[Table, Content]:
    """What the tables hold, in a session for each database."""
    by_database: dict[str, list[Table]] = {}
    for table in tables:
        by_database.setdefault(table.database, []).append(table)
    found: dict[Table, Content] = {}
    for database, some in by_database.items():
        with session(database) as one:
            for setting in TEXT:
                one.rows(setting)
            found |= {table: content(one, table) for table in some}
    return found


def content(session: Session, table: Table) -> Content:
    sample = "" if table.percent >= 100 else f"TABLESAMPLE SYSTEM ({table.percent}) "
    sample += f"REPEATABLE ({SEED})" if sample else ""
    query = (
        f"SELECT count(*), coalesce(sum(hashtextextended({ROW}::text, 0)), 0)::text "  # noqa: S608
        f"FROM ONLY {_name(table)} AS {ROW} {sample}"
    )
    ((rows, checksum),) = session.rows(query)
    return Content(rows=int(rows), checksum=str(checksum))


def table(database: str, schema: str, name: str, size: int) -> Table:
    percent = 100.0 if size <= WHOLE_BYTES else round(100 * WHOLE_BYTES / size, 4)
    return Table(database=database, schema=schema, name=name, percent=percent)


def _name(table: Table) -> str:
    return f"{quoted(table.schema)}.{quoted(table.name)}"
