import httpx2
import pytest
from fastapi.testclient import TestClient

from tests.unit.images.services.backend.fakes import (
    OBSERVATION,
    SIGNED_IN,
    VERDICT,
    FakeDatabase,
    FakeDecisionService,
    FakeRedis,
)


def post(client: TestClient) -> httpx2.Response:
    return client.post("/api/decisions", json=OBSERVATION, headers=SIGNED_IN)


def test_an_observation_becomes_a_stored_decision(
    client: TestClient, database: FakeDatabase
) -> None:
    answer = post(client)

    assert answer.status_code == 201
    assert answer.json() == {
        "id": str(database.stored[0].id),
        "created_at": "2026-01-01T00:00:00Z",
        "source": "camera-1",
        **VERDICT,
    }
    assert answer.headers["Location"] == f"/api/decisions/{database.stored[0].id}"


def test_the_first_read_of_a_decision_misses_the_cache_and_the_second_hits_it(
    client: TestClient, redis: FakeRedis
) -> None:
    created = post(client)

    reads = [client.get(created.headers["Location"], headers=SIGNED_IN) for _ in range(2)]

    assert [read.headers["X-Cache"] for read in reads] == ["miss", "hit"]
    assert [read.json() for read in reads] == [created.json()] * 2
    assert redis.lifetimes == [300]


def test_without_redis_every_read_comes_from_the_database(
    client: TestClient, redis: FakeRedis
) -> None:
    redis.down = True
    created = post(client)

    reads = [client.get(created.headers["Location"], headers=SIGNED_IN) for _ in range(2)]

    assert [(read.status_code, read.headers["X-Cache"]) for read in reads] == [(200, "miss")] * 2


def test_a_decision_that_does_not_exist_is_not_found(client: TestClient) -> None:
    answer = client.get("/api/decisions/00000000-0000-0000-0000-000000000000", headers=SIGNED_IN)

    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


def test_the_list_continues_from_its_cursor_to_the_oldest(client: TestClient) -> None:
    created = [post(client).json() for _ in range(5)]

    pages, before = [], None
    for _ in range(3):
        query = {"limit": "2"} | ({"before": before} if before else {})
        page = client.get("/api/decisions", params=query, headers=SIGNED_IN).json()
        pages.append(page["items"])
        before = page["next"]

    assert pages == [created[:2:-1], created[2:0:-1], created[:1]]
    assert before is None


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "before=x"])
def test_a_list_with_wrong_bounds_is_rejected(client: TestClient, query: str) -> None:
    answer = client.get(f"/api/decisions?{query}", headers=SIGNED_IN)

    assert answer.status_code == 422
    assert answer.json()["problems"][0]["field"] == query.split("=")[0]


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("source", "", "source"),
        ("source", "new\nline", "source"),
        ("source", "null\0", "source"),
        ("pixels", [0] * 63, "pixels"),
        ("pixels", [0] * 65, "pixels"),
        ("pixels", [16.1] + [0] * 63, "pixels.0"),
        ("pixels", [0, -1] + [0] * 62, "pixels.1"),
        ("pixels", [True] + [0] * 63, "pixels.0"),
        ("pixels", ["3"] + [0] * 63, "pixels.0"),
        ("colour", "red", "colour"),
    ],
)
def test_an_invalid_observation_is_rejected_with_the_field(
    client: TestClient,
    database: FakeDatabase,
    decider: FakeDecisionService,
    field: str,
    value: object,
    place: str,
) -> None:
    answer = client.post("/api/decisions", json=OBSERVATION | {field: value}, headers=SIGNED_IN)

    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["problems"]] == [place]
    assert not database.stored
    assert not decider.requests


def test_a_number_that_json_does_not_have_is_rejected(client: TestClient) -> None:
    body = f'{{"source": "camera-1", "pixels": [NaN{", 0" * 63}]}}'

    answer = client.post(
        "/api/decisions", content=body, headers=SIGNED_IN | {"Content-Type": "application/json"}
    )

    assert answer.status_code == 422
    assert answer.json()["problems"][0]["field"] == "pixels.0"


def test_without_the_decision_service_nothing_is_stored_and_the_error_says_why(
    client: TestClient, database: FakeDatabase, decider: FakeDecisionService
) -> None:
    decider.failures = [httpx2.ConnectTimeout("no answer")]

    answer = post(client)

    assert (answer.status_code, answer.json()["error"]) == (503, "decision_service_unavailable")
    assert not database.stored


def test_without_the_database_the_error_says_so(client: TestClient, database: FakeDatabase) -> None:
    database.down = True

    answers = [post(client), client.get("/api/decisions", headers=SIGNED_IN)]

    assert [(answer.status_code, answer.json()["error"]) for answer in answers] == [
        (503, "database_unavailable")
    ] * 2
