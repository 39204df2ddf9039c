"""kill -9 of what holds data, in the middle of writes that are acknowledged."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import asyncpg
import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from tests.e2e.kubernetes.stack import ClusterStack
from tests.e2e.stack import eventually

BACK_WITHIN = 20.0
"""Seconds after which it must take writes again."""

LOSES = 2.0
"""Seconds of Redis' writes that may be lost: its file is synced every second."""

WRITES_FOR = 4.0
"""Seconds of writes before the kill."""

NOTICED_WITHIN = 10.0
"""Seconds after the kill in which a write fails; one that goes on until then ends by itself."""

ANSWERS_WITHIN = 10.0
"""Seconds that one attempt to ask may take, so that the next one is soon."""

Found = TypeVar("Found")
Write = Callable[[int], Awaitable[object]]
# What a connection says whose server is gone.
GONE = (
    OSError,
    EOFError,
    RedisError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


async def killed_under(write: Write, kill: Callable[[], object]) -> tuple[dict[int, float], float]:
    """Numbers that were acknowledged before the server was gone, each with its time; that time."""
    acknowledged: dict[int, float] = {}
    enough = False

    async def writes() -> None:
        number = 0
        while not enough:
            number += 1
            await write(number)
            acknowledged[number] = time.monotonic()

    writing = asyncio.create_task(writes())
    await asyncio.sleep(WRITES_FOR)
    assert not writing.done(), writing
    await asyncio.to_thread(kill)
    killed = time.monotonic()
    # Asked to end, not cancelled: on Python 3.11 asyncio.wait_for, in which Redis' client sends,
    # swallows a cancellation now and then, and such writes went on for ever.
    await asyncio.wait({writing}, timeout=NOTICED_WITHIN)
    enough = True
    with suppress(*GONE, TimeoutError):
        await writing
    return acknowledged, killed


def test_postgresql_killed_under_writes_loses_nothing_acknowledged(stack: ClusterStack) -> None:
    login = stack.workspace.outputs(secrets=True)["logins"]["database"]

    async def connect(port: int) -> asyncpg.Connection:
        return await asyncpg.connect(
            host="127.0.0.1",
            port=port,
            timeout=5,
            user=login["user"],
            password=login["password"],
            database=login["database"],
        )

    async def under_writes() -> tuple[dict[int, float], float]:
        with stack.forward("postgres", 5432) as port:
            connection = await connect(port)
            await connection.execute("CREATE TABLE IF NOT EXISTS e2e_kept (n int PRIMARY KEY)")
            await connection.execute("TRUNCATE e2e_kept")
            found = await killed_under(
                lambda n: connection.execute("INSERT INTO e2e_kept VALUES ($1)", n, timeout=5),
                lambda: stack.kill("postgres"),
            )
            connection.terminate()
            return found

    async def rows_after() -> set[int]:
        with stack.forward("postgres", 5432) as port:
            connection = await connect(port)
            await connection.execute("INSERT INTO e2e_kept VALUES (0)")
            rows = {row["n"] for row in await connection.fetch("SELECT n FROM e2e_kept")}
            await connection.execute("DROP TABLE e2e_kept")
            await connection.close()
            return rows

    acknowledged, killed = asyncio.run(under_writes())
    rows = eventually(lambda: attempt(rows_after), BACK_WITHIN + 40)
    took = time.monotonic() - killed
    print(f"{len(acknowledged)} acknowledged; writes again after {took:.1f} s")
    assert len(acknowledged) > 100
    assert set(acknowledged) <= rows
    assert took < BACK_WITHIN
    stack.wait_ready()


def test_redis_killed_under_writes_loses_nothing_that_is_older_than_its_sync(
    stack: ClusterStack,
) -> None:
    url = stack.in_pod("backend", "cat", "/run/secrets/cache-url").stdout
    password = url.partition("://platform:")[2].partition("@")[0]

    def connect(port: int) -> redis.Redis:
        # Without the client's own retries: they hide the kill, and nested they take minutes.
        return redis.Redis(
            port=port,
            username="platform",
            password=password,
            socket_timeout=5,
            socket_connect_timeout=5,
            retry=Retry(NoBackoff(), 0),
        )

    async def under_writes() -> tuple[dict[int, float], float]:
        with stack.forward("redis", 6379) as port:
            async with connect(port) as client:
                return await killed_under(
                    lambda n: client.set(f"e2e:{n}", n), lambda: stack.kill("redis")
                )

    async def lost_of(old: list[int]) -> list[int] | None:
        with stack.forward("redis", 6379) as port:
            async with connect(port) as client:
                await client.set("e2e:back", 1)
                found = await client.mget([f"e2e:{n}" for n in old])
        return [n for n, value in zip(old, found, strict=True) if value is None]

    acknowledged, killed = asyncio.run(under_writes())
    old = [n for n, at in acknowledged.items() if at < killed - LOSES]
    lost = eventually(lambda: [attempt(lambda: lost_of(old))], BACK_WITHIN + 40)[0]
    took = time.monotonic() - killed
    print(f"{len(acknowledged)} acknowledged; writes again after {took:.1f} s")
    assert len(old) > 100
    assert lost == []
    assert took < BACK_WITHIN
    stack.wait_ready()


def attempt(ask: Callable[[], Awaitable[Found]]) -> Found:
    """The answer; an AssertionError, after which `eventually` asks again, where nobody answers."""

    async def asked() -> Found:
        async with asyncio.timeout(ANSWERS_WITHIN):
            return await ask()

    try:
        return asyncio.run(asked())
    except (*GONE, TimeoutError) as error:
        raise AssertionError(repr(error)) from error
