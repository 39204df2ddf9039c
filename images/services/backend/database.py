"""Decisions in PostgreSQL. They are written once and never changed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from pydantic import SecretStr

from backend.schemas import Decision, Verdict
from service.errors import ApiError, cause
from service.schemas import Observation

# Seconds. The limit for a whole query, including the wait for a free connection. All queries use an
# index and take a few ms, so a longer one is stuck.
QUERY_TIMEOUT = 3.0
# Seconds. A readiness check must answer before the probe's own timeout.
READY_TIMEOUT = 2.0
CLOSE_TIMEOUT = 2.0

# Only constants are inserted into these queries. Values are parameters.
COLUMNS = "id, created_at, source, label, confidence, outcome, model, latency_ms"
ADD = f"""
    INSERT INTO decisions (id, source, observation, label, confidence, outcome, model, latency_ms)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING {COLUMNS}"""  # noqa: S608
ONE = f"SELECT {COLUMNS} FROM decisions WHERE id = $1"  # noqa: S608
NEWEST = f"SELECT {COLUMNS} FROM decisions ORDER BY created_at DESC, id DESC LIMIT $1"  # noqa: S608
OLDER = f"""
    SELECT {COLUMNS} FROM decisions
    WHERE (created_at, id) < (SELECT created_at, id FROM decisions WHERE id = $2)
    ORDER BY created_at DESC, id DESC LIMIT $1"""  # noqa: S608


class DatabaseDownError(ApiError):
    """The database is unreachable, cannot serve now, or did not answer in time."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            503,
            "database_unavailable",
            "The database does not answer; try again shortly.",
            reason=reason,
        )


# Errors that mean an unavailable database. Any other database error is a defect of the backend.
UNAVAILABLE = (
    OSError,  # includes TimeoutError
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InternalServerError,  # a damaged index or page
    asyncpg.PostgresSystemError,  # a failing disk
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.UndefinedTableError,
)


class Database:
    """A pool that connects on demand, so the backend starts and runs without the server."""

    def __init__(self, url: SecretStr, pool_size: int) -> None:
        self._url = url
        self._address = _address(url.get_secret_value())
        self._pool_size = pool_size
        self._pool: asyncpg.Pool | None = None
        # One connection is reserved for readiness checks. A replica that uses all others is busy,
        # not broken, and the other replicas could not take its load either.
        self._turn = asyncio.Semaphore(max(pool_size - 1, 1))

    async def open(self) -> None:
        self._pool = await asyncpg.create_pool(
            self._url.get_secret_value(),
            min_size=0,
            max_size=self._pool_size,
            timeout=READY_TIMEOUT,
            server_settings={"application_name": "ai-platform-backend"},
        )

    async def close(self) -> None:
        if self._pool is None:
            return
        try:
            await asyncio.wait_for(self._pool.close(), CLOSE_TIMEOUT)
        except TimeoutError:
            self._pool.terminate()

    async def check(self) -> None:
        """Raise DatabaseDownError if decisions cannot be read."""
        async with self._connection(READY_TIMEOUT, at_once=True) as connection:
            await connection.fetchval("SELECT EXISTS (SELECT FROM decisions)")

    async def add(self, decision_id: UUID, observation: Observation, verdict: Verdict) -> Decision:
        async with self._connection() as connection:
            row = await connection.fetchrow(
                ADD,
                decision_id,
                observation.source,
                json.dumps({"pixels": observation.pixels}),
                verdict.label,
                verdict.confidence,
                verdict.outcome,
                verdict.model,
                verdict.latency_ms,
            )
        assert row is not None  # An INSERT that does not raise returns its row.
        return _decision(row)

    async def get(self, decision_id: UUID) -> Decision | None:
        async with self._connection() as connection:
            row = await connection.fetchrow(ONE, decision_id)
        return _decision(row) if row else None

    async def page(self, limit: int, before: UUID | None) -> list[Decision]:
        """Decisions, newest first. With `before`, only decisions older than that one."""
        async with self._connection() as connection:
            if before is None:
                rows = await connection.fetch(NEWEST, limit)
            else:
                rows = await connection.fetch(OLDER, limit, before)
        return [_decision(row) for row in rows]

    @asynccontextmanager
    async def _connection(
        self, timeout: float = QUERY_TIMEOUT, *, at_once: bool = False
    ) -> AsyncIterator[PoolConnectionProxy]:
        assert self._pool is not None, "call open() first"
        turn = nullcontext() if at_once else self._turn
        try:
            async with asyncio.timeout(timeout), turn, self._pool.acquire() as connection:
                try:
                    yield connection
                except asyncio.CancelledError:
                    # The query timed out. The pool would wait until the server confirms the
                    # cancellation, which a hanging server never does.
                    connection.terminate()
                    raise
        except TimeoutError as error:
            reason = f"the database at {self._address} did not answer within {timeout:g} s"
            raise DatabaseDownError(reason) from error
        except UNAVAILABLE as error:
            raise DatabaseDownError(f"the database at {self._address}: {cause(error)}") from error


def _address(url: str) -> str:
    """The host and the port in a URL, for logs. They never contain the password."""
    _, at, address = urlsplit(url).netloc.rpartition("@")
    if not at and "@" in url:  # A password that is not encoded.
        return "an address that is not a URL"
    return address if ":" in address else f"{address}:5432"


def _decision(row: asyncpg.Record) -> Decision:
    return Decision.model_validate(dict(row))
