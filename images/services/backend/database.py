"""Decisions in PostgreSQL: kept once, never changed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from uuid import UUID

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from pydantic import SecretStr

from backend.schemas import Decision, Verdict
from service.errors import ApiError
from service.schemas import Observation

# Seconds. A whole question, from waiting for a free connection to the rows: each is on an index
# and takes a few ms, so that what lasts longer is stuck.
QUERY_TIMEOUT = 3.0
# Seconds. Readiness is asked every few seconds and must answer within its asker's own time-out.
READY_TIMEOUT = 2.0
CLOSE_TIMEOUT = 2.0

# Put together of constants only: values are parameters.
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
    """The database cannot be reached, cannot serve now, or has not answered in time."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            503,
            "database_unavailable",
            "The database does not answer; try again shortly.",
            reason=reason,
        )


# Errors that mean this. Any other error of the database is a defect of ours.
UNAVAILABLE = (
    OSError,  # and with it TimeoutError
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InternalServerError,  # a damaged index or page
    asyncpg.PostgresSystemError,  # a disk that fails
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.UndefinedTableError,
)


class Database:
    """A pool that connects when asked, so that neither start nor life depends on the server."""

    def __init__(self, url: SecretStr, pool_size: int) -> None:
        self._url = url
        self._pool_size = pool_size
        self._pool: asyncpg.Pool | None = None
        # One connection is left for readiness: under a load that takes all others, a replica is
        # busy and not out of order, and what it would shed its neighbours could not take either.
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
        """Raises DatabaseDownError unless decisions can be read."""
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
        assert row is not None  # An INSERT that did not raise returns its row.
        return _decision(row)

    async def get(self, decision_id: UUID) -> Decision | None:
        async with self._connection() as connection:
            row = await connection.fetchrow(ONE, decision_id)
        return _decision(row) if row else None

    async def page(self, limit: int, before: UUID | None) -> list[Decision]:
        """Newest first; with `before`, only those older than that decision."""
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
        assert self._pool is not None, "open() comes first"
        turn = nullcontext() if at_once else self._turn
        try:
            async with asyncio.timeout(timeout), turn, self._pool.acquire() as connection:
                try:
                    yield connection
                except asyncio.CancelledError:
                    # Out of time. The pool would wait for the server to confirm that the query
                    # was cancelled, and a server that hangs never does.
                    connection.terminate()
                    raise
        except UNAVAILABLE as error:
            raise DatabaseDownError(f"{type(error).__name__}: {error}") from error


def _decision(row: asyncpg.Record) -> Decision:
    return Decision.model_validate(dict(row))
