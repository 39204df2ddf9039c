import asyncio
import logging
from uuid import uuid4

import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from redis.asyncio import BlockingConnectionPool

from backend import cache
from backend.cache import Cache
from backend.schemas import Decision
from tests.unit.images.services.backend.fakes import START, VERDICT, FakeRedis

DECISION = Decision.model_validate(
    {**VERDICT, "id": uuid4(), "created_at": START, "source": "camera-1"}
)


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def recent(redis: FakeRedis, registry: CollectorRegistry) -> Cache:
    return Cache(redis.redis, 300, registry)


def ask(recent: Cache, times: int = 1) -> list[Decision | None]:
    async def get_all() -> list[Decision | None]:
        return [await recent.get(DECISION.id) for _ in range(times)]

    return asyncio.run(get_all())


def counted(registry: CollectorRegistry) -> dict[str, float | None]:
    return {
        result: registry.get_sample_value("cache_requests_total", {"result": result})
        for result in ("hit", "miss", "error")
    }


def test_a_stored_value_is_returned_and_counted(recent: Cache, registry: CollectorRegistry) -> None:
    assert ask(recent) == [None]
    asyncio.run(recent.put(DECISION))

    assert ask(recent) == [DECISION]
    assert counted(registry) == {"hit": 1, "miss": 1, "error": 0}


def test_a_failed_cache_is_not_used_for_a_while_and_logged_once(
    recent: Cache,
    redis: FakeRedis,
    registry: CollectorRegistry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    redis.down = True

    assert ask(recent, times=5) == [None] * 5
    assert redis.requests == 1
    assert counted(registry) == {"hit": 0, "miss": 0, "error": 5}
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_a_cache_that_comes_back_is_used_again(
    recent: Cache,
    redis: FakeRedis,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(cache, "REST", 0.0)
    asyncio.run(recent.put(DECISION))
    redis.down = True
    assert ask(recent) == [None]

    redis.down = False

    assert ask(recent) == [DECISION]
    assert caplog.messages[-1] == "the cache is back"


def test_an_unreadable_entry_is_a_miss_and_is_replaced(
    recent: Cache,
    redis: FakeRedis,
    registry: CollectorRegistry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    redis.stored[f"decision:{DECISION.id}"] = '{"half": '

    assert ask(recent) == [None]
    assert counted(registry)["error"] == 1
    asyncio.run(recent.put(DECISION))
    assert ask(recent) == [DECISION]
    assert caplog.messages == []


def test_the_client_has_short_timeouts_and_a_connection_limit() -> None:
    pool = cache.connect(SecretStr("redis://nowhere:6379/0"), 7).connection_pool

    assert isinstance(pool, BlockingConnectionPool)
    assert pool.max_connections == 7
    assert pool.timeout == cache.TIMEOUT
    assert pool.connection_kwargs["socket_timeout"] == cache.TIMEOUT
    assert pool.connection_kwargs["socket_connect_timeout"] == cache.TIMEOUT
