"""SIGKILL of PostgreSQL and Redis during acknowledged writes."""

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
"""Seconds after which the server must accept writes again."""

LOSES = 2.0
"""Seconds of Redis' writes that may be lost: Redis syncs its file every second."""

WRITES_FOR = 4.0
"""Seconds of writes before the kill."""

NOTICED_WITHIN = 10.0
"""Seconds after the kill until the writes stop."""

ANSWERS_WITHIN = 10.0
"""Seconds that one attempt may take, so that the next attempt starts soon."""

Result = TypeVar("Result")
Write = Callable[[int], Awaitable[object]]
# The errors of a connection whose server is gone.
CONNECTION_ERRORS = (
    OSError,
    EOFError,
    RedisError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


async def kill_during_writes(
    write: Write, kill: Callable[[], object]
) -> tuple[dict[int, float], float]:
    """The acknowledged numbers with their times, and the time of the kill."""
    acknowledged: dict[int, float] = {}
    stop = False

    async def writes() -> None:
        number = 0
        while not stop:
            number += 1
            await write(number)
            acknowledged[number] = time.monotonic()

    writing = asyncio.create_task(writes())
    await asyncio.sleep(WRITES_FOR)
    assert not writing.done(), writing
    await asyncio.to_thread(kill)
    killed = time.monotonic()
    # The task is not cancelled: on Python 3.11, asyncio.wait_for in Redis' client sometimes ignores
    # a cancellation, and the writes would never end.
    await asyncio.wait({writing}, timeout=NOTICED_WITHIN)
    stop = True
    with suppress(*CONNECTION_ERRORS, TimeoutError):
        await writing
    return acknowledged, killed


def test_postgresql_loses_no_acknowledged_write_when_it_is_killed(stack: ClusterStack) -> None:
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
            result = await kill_during_writes(
                lambda n: connection.execute("INSERT INTO e2e_kept VALUES ($1)", n, timeout=5),
                lambda: stack.kill("postgres"),
            )
            connection.terminate()
            return result

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
    outage = time.monotonic() - killed
    print(f"{len(acknowledged)} acknowledged; writes again after {outage:.1f} s")
    assert len(acknowledged) > 100
    assert set(acknowledged) <= rows
    assert outage < BACK_WITHIN
    stack.wait_ready()


def test_redis_loses_no_write_that_is_older_than_its_last_sync_when_it_is_killed(
    stack: ClusterStack,
) -> None:
    url = stack.in_pod("backend", "cat", "/run/secrets/cache-url").stdout
    password = url.partition("://platform:")[2].partition("@")[0]

    def connect(port: int) -> redis.Redis:
        # Without the client's own retries, which hide the kill and may take minutes.
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
                return await kill_during_writes(
                    lambda n: client.set(f"e2e:{n}", n), lambda: stack.kill("redis")
                )

    async def lost_among(numbers: list[int]) -> list[int] | None:
        with stack.forward("redis", 6379) as port:
            async with connect(port) as client:
                await client.set("e2e:back", 1)
                values = await client.mget([f"e2e:{n}" for n in numbers])
        return [n for n, value in zip(numbers, values, strict=True) if value is None]

    acknowledged, killed = asyncio.run(under_writes())
    synced = [n for n, at in acknowledged.items() if at < killed - LOSES]
    lost = eventually(lambda: [attempt(lambda: lost_among(synced))], BACK_WITHIN + 40)[0]
    outage = time.monotonic() - killed
    print(f"{len(acknowledged)} acknowledged; writes again after {outage:.1f} s")
    assert len(synced) > 100
    assert lost == []
    assert outage < BACK_WITHIN
    stack.wait_ready()


def attempt(request: Callable[[], Awaitable[Result]]) -> Result:
    """The result. Without an answer it raises AssertionError, so that `eventually` retries."""

    async def with_timeout() -> Result:
        async with asyncio.timeout(ANSWERS_WITHIN):
            return await request()

    try:
        return asyncio.run(with_timeout())
    except (*CONNECTION_ERRORS, TimeoutError) as error:
        raise AssertionError(repr(error)) from error
