import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import asyncpg
import pytest
from pydantic import SecretStr

from backend import database
from backend.database import Database, DatabaseDownError
from tests.unit.describing import ROOT


class Pool:
    """A pool with one connection, whose queries all do the same."""

    def __init__(self, failure: Exception | None = None, hangs: bool = False) -> None:
        self.failure = failure
        self.hangs = hangs
        self.terminated = False

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator["Pool"]:
        yield self

    async def fetchval(self, _: str) -> bool:
        if self.hangs:
            await asyncio.sleep(60)
        if self.failure:
            raise self.failure
        return True

    async def close(self) -> None:
        await self.fetchval("")

    def terminate(self) -> None:
        self.terminated = True


class Limited(Pool):
    """A pool whose queries do not end, except the readiness check."""

    def __init__(self, connections: int) -> None:
        super().__init__()
        self.free = asyncio.Semaphore(connections)
        self.taken = 0

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator["Pool"]:
        async with self.free:
            self.taken += 1
            yield self

    async def fetch(self, *_: object) -> list[object]:
        await asyncio.sleep(60)
        return []


def over(pool: Pool, size: int = 1) -> Database:
    store = Database(SecretStr("postgresql://nowhere"), size)
    store._pool = cast(Any, pool)
    return store


@pytest.mark.parametrize(
    "failure",
    [
        ConnectionRefusedError("refused"),
        asyncpg.CannotConnectNowError("starting up"),
        asyncpg.AdminShutdownError("going down"),
        asyncpg.TooManyConnectionsError("full"),
        asyncpg.InvalidPasswordError("wrong password"),
        asyncpg.UndefinedTableError("no table yet"),
        asyncpg.PostgresIOError("could not read block"),
        asyncpg.DataCorruptedError("a page is not what it was"),
    ],
)
def test_a_database_that_cannot_serve_is_down(failure: Exception) -> None:
    with pytest.raises(DatabaseDownError, match=str(failure)):
        asyncio.run(over(Pool(failure)).check())


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("postgresql://app:marked@db.example.com:6432/app?sslmode=require", "db.example.com:6432"),
        ("postgresql://app:marked@db.example.com/app", "db.example.com:5432"),
        ("postgresql://app:mar@ked@db.example.com/app", "db.example.com:5432"),
        ("postgresql://app:5/marked@db.example.com/app", "an address that is not a URL"),
    ],
)
def test_the_reason_names_the_server_and_never_the_password(url: str, address: str) -> None:
    store = Database(SecretStr(url), 1)
    store._pool = cast(Any, Pool(ConnectionRefusedError("refused")))
    with pytest.raises(DatabaseDownError) as error:
        asyncio.run(store.check())
    assert str(error.value) == f"the database at {address}: ConnectionRefusedError: refused"


def test_an_error_of_ours_is_not_reported_as_an_outage() -> None:
    with pytest.raises(asyncpg.UndefinedColumnError):
        asyncio.run(over(Pool(asyncpg.UndefinedColumnError("no such column"))).check())


def test_a_database_that_times_out_is_down_and_its_connection_is_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database, "READY_TIMEOUT", 0.01)

    pool = Pool(hangs=True)

    with pytest.raises(DatabaseDownError, match=r"nowhere:5432 did not answer within 0.01 s$"):
        asyncio.run(over(pool).check())
    assert pool.terminated


def test_the_runbook_quotes_what_the_log_says_about_a_database_that_times_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database, "READY_TIMEOUT", 0.01)
    with pytest.raises(DatabaseDownError) as error:
        asyncio.run(over(Pool(hangs=True)).check())
    words = "did not answer within"
    assert words in str(error.value)
    assert f"`{words}`" in (ROOT / "docs/runbooks/DatabaseUnreachable.md").read_text()


def test_a_busy_database_is_not_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "READY_TIMEOUT", 1)

    async def checked_under_load() -> None:
        pool = Limited(connections=3)
        store = over(pool, size=3)
        queries = [asyncio.create_task(store.page(1, None)) for _ in range(20)]
        await asyncio.sleep(0.05)
        assert pool.taken == 2
        await store.check()
        for query in queries:
            query.cancel()
        await asyncio.wait(queries)

    asyncio.run(checked_under_load())


def test_closing_does_not_wait_for_a_database_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "CLOSE_TIMEOUT", 0.01)
    pool = Pool(hangs=True)

    asyncio.run(over(pool).close())

    assert pool.terminated
