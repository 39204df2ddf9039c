import httpx2
import pytest
from fastapi.testclient import TestClient

from backend import status
from tests.unit.images.services.backend.fakes import (
    MODEL,
    FakeDatabase,
    FakeDecisionService,
    FakeRedis,
)


def test_anybody_sees_how_the_platform_is(client: TestClient) -> None:
    assert client.get("/api/status").json() == {
        "status": "ok",
        "version": "1.2.3",
        "environment": "production",
        "database": {"up": True},
        "cache": {"up": True},
        "decision": {"up": True, "model": MODEL},
    }


@pytest.mark.parametrize(
    ("down", "expected"), [("cache", "degraded"), ("decision", "degraded"), ("database", "down")]
)
def test_what_is_down_shows(
    client: TestClient,
    database: FakeDatabase,
    redis: FakeRedis,
    decider: FakeDecisionService,
    down: str,
    expected: str,
) -> None:
    database.down = down == "database"
    redis.down = down == "cache"
    decider.failures = [httpx2.ConnectError("refused")] * 2 if down == "decision" else []

    answer = client.get("/api/status")

    assert answer.status_code == 200
    assert answer.json()["status"] == expected
    up = {part for part in ("database", "cache", "decision") if answer.json()[part]["up"]}
    assert up == {"database", "cache", "decision"} - {down}


def test_asking_often_does_not_load_what_is_behind(
    client: TestClient, redis: FakeRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        client.get("/api/status")
    assert redis.asked == 1

    monkeypatch.setattr(status, "FRESH", 0.0)
    client.get("/api/status")
    assert redis.asked == 2
