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


def test_the_status_needs_no_token(client: TestClient) -> None:
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
def test_the_status_shows_what_is_down(
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


def test_frequent_requests_do_not_load_the_servers_behind(
    client: TestClient, redis: FakeRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        client.get("/api/status")
    assert redis.requests == 1

    monkeypatch.setattr(status, "FRESH", 0.0)
    client.get("/api/status")
    assert redis.requests == 2
