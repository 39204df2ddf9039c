"""The server whose backups these are: connections to it, and questions."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2
import psycopg2.extensions

from backup import wal
from backup.config import ServerConfig
from backup.errors import BackupError
from backup.layout import SCRATCH, replace
from backup.wal import Segment

SLOT = "backup"
APPLICATION = "backup"
CONNECT_SECONDS = 5
PASSFILE = SCRATCH / "pgpass"
# A server that vanished without a word, as with its node, is noticed within these seconds.
KEEPALIVE = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}


class ServerAway(BackupError):
    """The server does not answer, or refuses this role."""


@dataclass(frozen=True, kw_only=True)
class Slot:
    active: bool
    restart_lsn: int | None
    lost: bool
    retained_bytes: int


@dataclass(frozen=True, kw_only=True)
class Position:
    """What a server says about its WAL at one moment. LSNs are numbers of bytes."""

    system: str
    timeline: int
    flushed: int
    received: int | None
    """What our receiver said that it has written; None while it does not stream."""
    slot: Slot | None
    slot_limit: int | None
    segment_size: int


class Session:
    """An open connection. What fails raises ServerAway, and the caller opens a new one."""

    def __init__(self, dsn: str) -> None:
        try:
            self._connection = psycopg2.connect(dsn)
        except psycopg2.Error as error:
            raise ServerAway(_line(error)) from error
        self._connection.autocommit = True

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(query, tuple(values) or None)
                return list(cursor.fetchall()) if cursor.description else []
        except psycopg2.Error as error:
            if self._connection.closed:
                raise ServerAway(_line(error)) from error
            raise BackupError(f"the server answers: {_line(error)}") from error

    def value(self, query: str, values: Sequence[object] = ()) -> Any:
        ((value,),) = self.rows(query, values)
        return value

    def password_hash(self, password: str, role: str) -> str:
        """What the server stores of a password, so that the password itself is in no statement."""
        return str(
            psycopg2.extensions.encrypt_password(
                password, role, scope=self._connection, algorithm="scram-sha-256"
            )
        )

    def close(self) -> None:
        self._connection.close()


POSITION = """
SELECT (SELECT system_identifier FROM pg_control_system())::text,
       ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int,
       pg_current_wal_flush_lsn() - '0/0',
       (SELECT write_lsn - '0/0' FROM pg_stat_replication
        WHERE application_name = %s AND state = 'streaming'),
       (SELECT jsonb_build_object(
                   'active', active, 'restart', restart_lsn - '0/0',
                   'lost', wal_status = 'lost',
                   'retained', greatest(pg_current_wal_lsn() - restart_lsn, 0))
        FROM pg_replication_slots WHERE slot_name = %s),
       (SELECT CASE WHEN setting::bigint >= 0 THEN setting::bigint * 1024 * 1024 END
        FROM pg_settings WHERE name = 'max_slot_wal_keep_size'),
       (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size')
"""


class Server:
    def __init__(self, config: ServerConfig) -> None:
        self._config = config

    @property
    def address(self) -> str:
        return f"{self._config.host}:{self._config.port}"

    def dsn(self, database: str | None = None, application: str = APPLICATION) -> str:
        """A connection string without a password. libpq reads that in its password file."""
        pairs = {
            "host": self._config.host,
            "port": self._config.port,
            "user": self._config.user,
            "dbname": database or self._config.database,
            "passfile": PASSFILE,
            "connect_timeout": CONNECT_SECONDS,
            "application_name": application,
            **KEEPALIVE,
        }
        return connection_string(pairs)

    def write_password(self) -> None:
        """Write libpq's password file from the secret, which may have changed."""
        escaped = self.password().replace("\\", "\\\\").replace(":", "\\:")
        replace(PASSFILE, f"*:*:*:{self._config.user}:{escaped}\n")

    def password(self) -> str:
        try:
            return self._config.password_file.read_text(encoding="utf-8").rstrip("\n")
        except OSError as error:
            raise BackupError(f"{self._config.password_file}: {error.strerror}") from error

    @property
    def role(self) -> str:
        return self._config.user

    def open(self, database: str | None = None, application: str = "backup-status") -> Session:
        self.write_password()
        return Session(self.dsn(database, application))

    @contextmanager
    def session(self, database: str | None = None) -> Iterator[Session]:
        session = self.open(database)
        try:
            yield session
        finally:
            session.close()


def position(session: Session) -> Position:
    ((system, timeline, flushed, received, slot, limit, segment),) = session.rows(
        POSITION, (APPLICATION, SLOT)
    )
    return Position(
        system=system,
        timeline=timeline,
        flushed=int(flushed),
        received=None if received is None else int(received),
        slot=_slot(slot) if slot else None,
        slot_limit=limit,
        segment_size=segment,
    )


def oldest_segment(session: Session, position: Position) -> Segment | None:
    """The oldest WAL file of its timeline that the server still has."""
    names = (name for (name,) in session.rows("SELECT name FROM pg_ls_waldir()"))
    segments = (wal.segment(name, position.segment_size) for name in names)
    return min((one for one in segments if one and one.timeline == position.timeline), default=None)


def create_slot(session: Session) -> None:
    session.rows("SELECT pg_create_physical_replication_slot(%s, true)", (SLOT,))


def drop_slot(session: Session) -> None:
    session.rows("SELECT pg_drop_replication_slot(%s)", (SLOT,))


def _slot(row: dict[str, Any]) -> Slot:
    restart = row["restart"]
    return Slot(
        active=row["active"],
        restart_lsn=None if restart is None else int(restart),
        lost=bool(row["lost"]),
        retained_bytes=int(row["retained"] or 0),
    )


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def history(server: Server, timeline: int) -> str:
    """The server's file about the ancestors of a timeline."""
    session = Session(f"{server.dsn()} replication=true")
    try:
        ((_, content),) = session.rows(f"TIMELINE_HISTORY {timeline}")
    finally:
        session.close()
    return content if isinstance(content, str) else bytes(content).decode()


def connection_string(pairs: Mapping[str, object]) -> str:
    """What libpq connects to. A database may have any characters in its name."""
    return " ".join(f"{key}={_quoted(str(value))}" for key, value in pairs.items())


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _line(error: Exception) -> str:
    return str(error).strip().replace("\n", " | ")
