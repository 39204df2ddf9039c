import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.app import MAX_BODY
from service.metrics import Metrics
from service.middleware import RequestMiddleware
from tests.unit.images.services.backend.fakes import OBSERVATION, SIGNED_IN, FakeDecisionService

JSON = SIGNED_IN | {"Content-Type": "application/json"}


def test_a_valid_request_id_is_kept_returned_and_passed_on(
    client: TestClient, decider: FakeDecisionService
) -> None:
    answer = client.post(
        "/api/decisions", json=OBSERVATION, headers=SIGNED_IN | {"X-Request-ID": "Abc_1.2-3"}
    )

    assert answer.headers["X-Request-ID"] == "Abc_1.2-3"
    assert decider.requests[0].headers["X-Request-ID"] == "Abc_1.2-3"


@pytest.mark.parametrize("request_id", ["", "two words", 'quo"te', "x" * 65, "a/b"])
def test_any_other_request_id_is_replaced(client: TestClient, request_id: str) -> None:
    answer = client.get("/api/status", headers={"X-Request-ID": request_id})

    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])


def test_errors_contain_the_request_id(client: TestClient) -> None:
    answer = client.get("/nowhere", headers={"X-Request-ID": "abc"})

    assert answer.headers["X-Request-ID"] == "abc"
    assert answer.json() == {"error": "not_found", "message": "Not Found.", "request_id": "abc"}


def test_a_body_with_a_too_large_content_length_is_rejected(client: TestClient) -> None:
    answer = client.post("/api/decisions", content=b" " * (MAX_BODY + 1), headers=JSON)

    assert (answer.status_code, answer.json()["error"]) == (413, "request_entity_too_large")


def test_a_body_that_grows_too_large_is_rejected(client: TestClient) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(MAX_BODY // 1000 + 1):
            yield b" " * 1000

    answer = client.post("/api/decisions", content=chunks(), headers=JSON)

    assert (answer.status_code, answer.json()["error"]) == (413, "request_entity_too_large")


def test_requests_are_counted_by_route_and_not_by_path(client: TestClient) -> None:
    missing = "00000000-0000-0000-0000-00000000000"
    for last in "12":
        client.get(f"/api/decisions/{missing}{last}", headers=SIGNED_IN)
        client.get(f"/nowhere/{last}")
    client.request("BREW", "/nowhere/3")

    text = client.get("/metrics").text
    counted = [line for line in text.splitlines() if line.startswith("api_requests_total")]
    assert [line for line in counted if not line.endswith(" 0.0")] == [
        'api_requests_total{method="GET",path="/api/decisions/{decision_id}",status="404"} 2.0',
        'api_requests_total{method="GET",path="unknown",status="404"} 2.0',
        'api_requests_total{method="other",path="unknown",status="404"} 1.0',
    ]


def test_requests_of_machines_are_not_counted(client: TestClient) -> None:
    for path in ("/health", "/ready", "/metrics"):
        client.get(path)

    text = client.get("/metrics").text
    assert not re.search('path="/(health|ready|metrics)"', text)


def test_an_unexpected_error_is_logged_counted_and_answered_without_details(
    metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    app = FastAPI()
    app.add_middleware(RequestMiddleware, metrics=metrics, max_body=10)

    @app.get("/broken")
    async def broken() -> None:
        raise ValueError("a detail")

    answer = TestClient(app).get("/broken", headers={"X-Request-ID": "abc"})

    assert (answer.status_code, answer.headers["X-Request-ID"]) == (500, "abc")
    assert answer.json() == {
        "error": "internal_error",
        "message": "Something went wrong; the logs say what.",
        "request_id": "abc",
    }
    assert caplog.records[0].exc_info
    labels = {"method": "GET", "path": "/broken", "status": "500"}
    assert metrics.registry.get_sample_value("api_requests_total", labels) == 1
