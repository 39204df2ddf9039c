from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from backend.app import create_app
from backend.settings import Settings
from tests.unit.images.services.backend.fakes import (
    TOKEN,
    FakeDatabase,
    FakeDecisionService,
    FakeRedis,
)


@pytest.fixture
def settings() -> Settings:
    return Settings(
        api_token=SecretStr(TOKEN),
        database_url=SecretStr("postgresql://app:marked@nowhere/platform"),
        redis_url=SecretStr("redis://app:marked@nowhere:6379/0"),
        decision_url="http://decision",
        version="1.2.3",
    )


@pytest.fixture
def database() -> FakeDatabase:
    return FakeDatabase()


@pytest.fixture
def redis() -> FakeRedis:
    return FakeRedis()


@pytest.fixture
def decider() -> FakeDecisionService:
    return FakeDecisionService()


@pytest.fixture
def client(
    settings: Settings, database: FakeDatabase, redis: FakeRedis, decider: FakeDecisionService
) -> Iterator[TestClient]:
    app = create_app(settings, database=database, redis=redis.redis, transport=decider.transport)
    with TestClient(app) as client:
        yield client
