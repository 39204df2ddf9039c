import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from backend.app import create_app
from backend.settings import Settings
from tests.unit.images.services.backend.fakes import FakeDatabase, FakeDecisionService, FakeRedis


def test_metrics_have_names_and_types_before_the_first_request(
    client: TestClient,
) -> None:
    families = {
        family.name: family.type
        for family in text_string_to_metric_families(client.get("/metrics").text)
    }

    assert (
        families.items()
        >= {
            "system_health_status": "gauge",
            "system_cpu_usage": "gauge",
            "system_memory_usage": "gauge",
            "system_disk_usage": "gauge",
            "api_requests": "counter",
            "api_response_time_seconds": "histogram",
            "decisions": "counter",
            "decision_latency_seconds": "histogram",
            "cache_requests": "counter",
        }.items()
    )


def test_every_route_has_metrics_from_the_start(client: TestClient) -> None:
    text = client.get("/metrics").text

    for method, path, status in (
        ("POST", "/api/decisions", 201),
        ("GET", "/api/decisions", 200),
        ("GET", "/api/decisions/{decision_id}", 200),
        ("GET", "/api/status", 200),
    ):
        labels = f'method="{method}",path="{path}"'
        for code in (status, 500, 503):
            assert f'api_requests_total{{{labels},status="{code}"}} 0.0' in text
        assert f"api_response_time_seconds_count{{{labels}}} 0.0" in text


def test_no_redirect_names_the_address_of_this_process(client: TestClient) -> None:
    assert client.get("/api/decisions/", follow_redirects=False).status_code == 404


def test_it_opens_and_closes_its_connections(
    settings: Settings, database: FakeDatabase, redis: FakeRedis, decider: FakeDecisionService
) -> None:
    app = create_app(settings, database=database, redis=redis.redis, transport=decider.transport)

    with TestClient(app):
        assert (database.opened, database.closed) == (True, False)
    assert database.closed


def test_it_starts_without_a_database_or_a_cache(settings: Settings) -> None:
    with TestClient(create_app(settings)) as client:
        assert client.get("/health").status_code == 200


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_no_page_loads_code_from_another_origin(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_description_of_the_api_says_what_needs_the_token(client: TestClient) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]

    secured = {
        path for path, methods in paths.items() if all("security" in m for m in methods.values())
    }
    assert secured == {"/api/decisions", "/api/decisions/{decision_id}"}


def test_a_path_with_an_extra_slash_is_not_found(client: TestClient) -> None:
    """A redirect would contain the address that a proxy uses, not the one that the user knows."""
    assert client.post("/api/decisions/", follow_redirects=False).status_code == 404
