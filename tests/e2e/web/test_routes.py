"""Paths and hosts lead to services, with or without a prefix."""

import httpx2
import pytest

from tests.e2e.web.engine import HEALTH, url


def at(gateway: str, path: str, host: str | None = None) -> httpx2.Response:
    return httpx2.get(f"{url(gateway)}{path}", headers={"Host": host} if host else {})


@pytest.mark.parametrize(
    ("path", "received"),
    [
        ("/reports/", "/"),
        ("/reports/?x=1", "/?x=1"),
        ("/reports/a/b?x=/reports/", "/a/b?x=/reports/"),
        ("/reports/a%2Fb%20c/%C3%A9", "/a%2Fb%20c/%C3%A9"),
        ("/reports/reports/x", "/reports/x"),
        ("/buffered/x?y=1", "/buffered/x?y=1"),
        ("/buffered/a%2Fb", "/buffered/a%2Fb"),
        ("/part/of/it", "/of/it"),
    ],
)
def test_a_service_gets_the_path_as_the_client_sent_it(
    gateway: str, path: str, received: str
) -> None:
    answer = at(gateway, path).json()
    assert (answer["host"], answer["path"]) == ("reports", received)
    prefix = next((place for place in ("/reports", "/part") if path.startswith(place)), None)
    assert answer["headers"].get("x-forwarded-prefix") == prefix


def test_a_path_without_its_slash_is_redirected_within_the_host(gateway: str) -> None:
    answer = at(gateway, "/reports?x=1", "gate.example.com:1234")
    assert (answer.status_code, answer.headers["location"]) == (301, "/reports/?x=1")


def test_a_path_without_a_slash_is_a_route_itself(gateway: str) -> None:
    """/reports/events is a longer route than /reports/."""
    answer = at(gateway, "/reports/events/x?y=1").json()
    assert answer["path"] == "/x?y=1"
    assert answer["headers"]["x-forwarded-prefix"] == "/reports/events"
    assert at(gateway, "/reports/events?y=1").json()["path"] == "/?y=1"
    assert at(gateway, "/reports/eventsx").json()["path"] == "/eventsx"


@pytest.mark.parametrize("query", ["", "?absolute"])
def test_redirects_get_the_prefix_back_and_keep_the_scheme(gateway: str, query: str) -> None:
    assert at(gateway, f"/reports/redirect{query}").headers["location"] == "/reports/login"
    assert at(gateway, f"/buffered/redirect{query}").headers["location"] == "/login"


def test_a_host_leads_to_its_own_service(gateway: str) -> None:
    answer = at(gateway, "/x/y", "reports.example.com").json()
    assert (answer["host"], answer["path"]) == ("reports", "/x/y")
    assert answer["headers"]["host"] == "reports.example.com"
    answer = at(gateway, "/api/x", "reports.example.com:8080").json()
    assert (answer["host"], answer["headers"]["host"]) == ("backend", "reports.example.com:8080")
    # The gateway's own paths are not those of a service.
    assert at(gateway, "/health", "reports.example.com").json()["host"] == "reports"
    assert at(gateway, HEALTH, "reports.example.com").json() == {"status": "ok"}
    assert at(gateway, "/.gateway/x", "reports.example.com").status_code == 404


def test_any_other_host_gets_the_routes_without_a_host(gateway: str) -> None:
    assert at(gateway, "/api/x", "other.example.com").json()["host"] == "backend"
    assert "AI Decision Platform" in at(gateway, "/", "other.example.com").text


@pytest.mark.parametrize(
    ("path", "host"),
    [
        ("/reports/metrics", None),
        ("/reports/metrics/", None),
        ("/reports/%6Detrics", None),
        ("/reports//metrics", None),
        ("/reports/x/../metrics", None),
        ("/%72eports/x", None),
        ("/metrics", "reports.example.com"),
        ("/metrics?x=1", "reports.example.com"),
        ("/metrics", None),
        ("/%6Detrics", "other.example.com"),
        ("/metrics/x", None),
    ],
)
def test_metrics_and_odd_spellings_of_a_prefix_are_not_found(
    gateway: str, path: str, host: str | None
) -> None:
    answer = at(gateway, path, host)
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
