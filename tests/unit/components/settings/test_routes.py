"""The routes of the gateway."""

from typing import Any

import pytest

from components.settings import Place, Route, largest, place
from tests.unit.components.settings.refusals import paths_on_both, refusal
from tests.unit.describing import KUBERNETES, settings

REPORTS = {"services": {"reports": {"image": "acme/reports:1"}}}


def routes(**web: Any) -> dict[str, Route]:
    return settings({"api": REPORTS, "web": web}).web.routes


def wrong(routes: dict[str, Any], **stack: Any) -> list[str]:
    return paths_on_both({"api": REPORTS, "web": {"routes": routes}, **stack})


def test_the_page_and_the_backend_have_routes_by_default() -> None:
    assert routes() == {"/": Route(to="frontend"), "/api/": Route(to="backend")}


def test_a_stacks_routes_are_merged_into_the_default_ones() -> None:
    merged = routes(routes={"/api/": {"max_body_size": "10m"}, "/r/": "reports", "/": None})
    assert merged == {"/api/": Route(to="backend", max_body_size="10m"), "/r/": Route(to="reports")}


def test_without_a_page_its_default_route_goes_too() -> None:
    assert routes(frontend=None) == {"/api/": Route(to="backend")}


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("/", Place(host="", path="/")),
        ("/a/", Place(host="", path="/a/")),
        ("/a/b.c_d~e-f", Place(host="", path="/a/b.c_d~e-f")),
        ("a.example.com", Place(host="a.example.com", path="/")),
        ("a.example.com/", Place(host="a.example.com", path="/")),
        ("a.localhost/x/", Place(host="a.localhost", path="/x/")),
    ],
)
def test_a_key_names_a_host_and_a_path(key: str, expected: Place) -> None:
    assert place(key) == expected


@pytest.mark.parametrize(
    "key",
    [
        *("", "reports", "reports/", "//", "/a//b/", "/a/../b", "/a/./", "/a b/", "/a?b", "/a%20"),
        *("https://a.example.com", "a.example.com:80", "A.example.com", "*.example.com"),
        *("a..example.com", "-a.example.com", "/a/$host/", "/a;", '/"', "/a{", "10.0.0.1/"),
    ],
)
def test_a_key_that_is_neither_is_refused(key: str) -> None:
    assert wrong({key: "reports"}) == [f"web.routes.{key}"]


def test_a_key_without_its_first_slash_is_explained() -> None:
    message = refusal({"web": {"routes": {"reports/": "backend"}}})
    assert "web.routes.reports/" in message
    assert "a path such as `/reports/`, a host with a dot such as `reports.example.com`" in message


@pytest.mark.parametrize(
    ("one", "other"),
    [("/a", "/a/"), ("a.example.com", "a.example.com/"), ("a.example.com/b", "a.example.com/b/")],
)
def test_a_place_is_listed_once(one: str, other: str) -> None:
    assert wrong({one: "reports", other: "backend"}, **_ingress()) == [f"web.routes.{other}"]
    message = refusal({"web": {"routes": {one: "backend", other: "backend"}}})
    assert f"allowed  a place that is listed once: {one} is the same one" in message


def test_a_path_may_lie_below_another() -> None:
    assert wrong({"/a/": "reports", "/a/b/": "backend", "/a.b/": "backend"}) == []


def test_the_gateways_own_path_is_reserved() -> None:
    for key in ("/.gateway", "/.gateway/", "/.gateway/x", "a.example.com/.gateway/x"):
        assert wrong({key: "reports"}, **_ingress()) == [f"web.routes.{key}"]
    assert wrong({"/health": "reports", "/.gateways": "reports"}) == []


def test_a_prefix_to_remove_is_the_beginning_of_the_routes_path() -> None:
    def removed(prefix: object) -> list[str]:
        return wrong({"/api/reports/": {"to": "reports", "strip_prefix": prefix}})

    for kept in (True, False, "/api", "/api/", "/api/reports"):
        assert removed(kept) == []
    for prefix in ("/ap", "/reports", "/api/reports/x", "api", "/", "", 7):
        assert removed(prefix) == ["web.routes./api/reports/.strip_prefix"]


def _ingress() -> dict[str, Any]:
    """On a cluster a host needs an Ingress as well."""
    return {
        "kubernetes": {"ingress": {"tls": {"secret": "tls"}, "controller_namespace": "traefik"}}
    }


def test_a_path_of_the_main_host_is_written_without_it() -> None:
    web = {"host": "a.example.com", "routes": {"a.example.com/x/": "backend"}}
    message = refusal({"web": web})
    assert "web.routes.a.example.com/x/\n  found    web.host, a.example.com" in message
    assert "allowed  /x/: paths without a host are for web.host" in message


def test_a_route_leads_to_a_service_of_the_stack() -> None:
    for to in ("frontend", "backend", "decision", "reports", "grafana"):
        assert wrong({"/x/": {"to": to, "strip_prefix": True}}) == []
    message = refusal({"api": REPORTS, "web": {"routes": {"/x/": "report"}}})
    assert "web.routes./x/\n  found    'report'" in message
    assert "allowed  frontend, backend, decision, reports, grafana" in message
    assert "nearest  reports" in message
    assert wrong({"/x/": "postgres"}) == ["web.routes./x/"]
    assert wrong({"/x/": {}}) == ["web.routes./x/.to"]


@pytest.mark.parametrize("name", ["prometheus", "alertmanager"])
def test_no_route_leads_to_what_has_no_login(name: str) -> None:
    message = refusal({"web": {"routes": {"x.example.com": name}}})
    assert f"web.routes.x.example.com\n  found    {name}, which has no login" in message
    assert f"reach {name} with docker.ports.{name}" in message
    message = refusal({**KUBERNETES, "web": {"routes": {"x.example.com": name}}})
    assert f"reach {name} with kubectl port-forward" in message


def test_no_route_leads_to_what_the_stack_does_not_run() -> None:
    web = {"frontend": None, "routes": {"/": "frontend"}}
    assert "found    frontend, but web.frontend is null" in refusal({"web": web})
    message = refusal({"api": {"services": {"backend": None}}})
    assert "web.routes./api/\n  found    backend, which this stack does not have" in message
    assert "null removes a default route" in message
    stack = {"observability": {"grafana": False}, "web": {"routes": {"x.example.com": "grafana"}}}
    assert "found    grafana, but this stack has no Grafana" in refusal(stack)
    debian = {"images": {"catalogue": "debian"}, "web": {"routes": {"x.example.com": "grafana"}}}
    assert "this stack has no Grafana" in refusal(debian)


def test_a_stack_without_a_backend_is_possible() -> None:
    services = {"backend": None, "reports": {"image": "acme/reports:1"}}
    web = {"routes": {"/api/": "reports"}}
    assert paths_on_both({"api": {"services": services}, "web": web}) == []


def test_a_gateway_without_a_route_is_refused() -> None:
    assert wrong({"/": None, "/api/": None}) == ["web.routes"]


def test_grafana_below_a_path_does_not_know_its_prefix() -> None:
    assert wrong({"/figures/": "grafana"}) == ["web.routes./figures/.strip_prefix"]


@pytest.mark.parametrize("size", ["1", "0m", "1M", "10mb", "1t", "-1m", "1.5m"])
def test_a_body_size_has_the_shape_that_nginx_reads(size: str) -> None:
    path = ["web.routes./api/.max_body_size"]
    assert wrong({"/api/": {"max_body_size": size}}) == path


def test_a_time_out_is_at_most_an_hour() -> None:
    assert wrong({"/api/": {"timeout": 3600}}) == []
    assert wrong({"/api/": {"timeout": 3601}}) == ["web.routes./api/.timeout"]


def test_a_route_that_streams_waits_longer_by_default() -> None:
    assert Route(to="a").silence == 15
    assert Route(to="a", stream=True).silence == 3600
    assert Route(to="a", stream=True, timeout=60).silence == 60


def test_the_largest_size_is_found_across_units() -> None:
    assert largest(["900k", "1m", "2m"]) == "2m"
    assert largest(["2000k", "1m"]) == "2000k"
    assert largest(["999999k", "1g"]) == "1g"
