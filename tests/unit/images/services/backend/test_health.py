import logging

import pytest
from fastapi.testclient import TestClient

from tests.unit.images.services.backend.fakes import FakeDatabase, FakeDecisionService, FakeRedis


def test_it_is_alive_whatever_else_is_down(
    client: TestClient, database: FakeDatabase, redis: FakeRedis, decider: FakeDecisionService
) -> None:
    database.down = redis.down = True

    assert client.get("/health").status_code == 200
    assert not redis.requests
    assert not decider.requests


def test_it_is_ready_with_the_database_and_without_the_cache(
    client: TestClient, database: FakeDatabase, redis: FakeRedis
) -> None:
    redis.down = True
    answers = []
    for down in (True, False):
        database.down = down
        answers.append(client.get("/ready").status_code)

    assert answers == [503, 200]


def test_a_change_of_readiness_is_logged_once(
    client: TestClient, database: FakeDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for down in (False, False, True, True, False):
        database.down = down
        client.get("/ready")

    messages = [record.message for record in caplog.records if record.name == "backend.health"]
    assert messages == ["ready", "not ready: refused", "ready"]


@pytest.mark.parametrize(("down", "health"), [(True, "0.0"), (False, "1.0")])
def test_the_metrics_say_whether_it_is_ready(
    client: TestClient, database: FakeDatabase, down: bool, health: str
) -> None:
    database.down = down

    assert f"\nsystem_health_status {health}\n" in client.get("/metrics").text


def test_the_metrics_say_which_servers_it_reaches(
    client: TestClient, database: FakeDatabase, redis: FakeRedis
) -> None:
    for database.down, redis.down in ((False, True), (True, False)):
        metrics = client.get("/metrics").text
        assert f'\ndependency_up{{dependency="database"}} {float(redis.down)}\n' in metrics
        assert f'\ndependency_up{{dependency="cache"}} {float(database.down)}\n' in metrics
