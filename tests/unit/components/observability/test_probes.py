"""What the prober asks of each route, of each host, and of services that nothing else shows."""

from typing import Any

import pytest

from components.addresses import Address
from components.observability.probes import not_shown, probes
from components.probe import Probe
from tests.unit.describing import KUBERNETES, settings

GATEWAY = Address(workload="gateway", port=8080)
REPORTS: dict[str, Any] = {"image": "acme/reports:1", "port": 8100, "health": "/live"}


def asked(stack: dict[str, Any]) -> list[Probe]:
    return list(probes(settings(stack), GATEWAY))


def question(route: Any, key: str = "/reports/", **service: Any) -> tuple[str, str] | None:
    """The module and the path with which the prober asks a route to an API service."""
    found = [
        probe
        for probe in asked(
            {
                "api": {"services": {"reports": REPORTS | service}},
                "web": {"routes": {key: route}},
            }
        )
        if probe.labels["service"] == "reports"
    ]
    if not found:
        return None
    (probe,) = found
    return probe.module, probe.url.removeprefix("http://ai-platform-gateway:8080")


def test_the_default_stack_is_asked_for_its_page_its_status_and_its_route() -> None:
    assert asked({}) == [
        Probe(
            prober=Address(workload="prober", port=9115),
            port="http",
            module=f"gateway-{how}",
            url=f"http://ai-platform-gateway:8080{path}",
            host="localhost",
            labels={"instance": path, "service": service, "through": "gateway"},
        )
        for path, service, how in (
            ("/", "frontend", "well"),
            # It answers whatever is down, also while no backend is ready.
            ("/api/status", "backend", "well"),
            # The way of every other request.
            ("/api/", "backend", "alive"),
        )
    ]


@pytest.mark.parametrize(
    ("key", "route", "expected"),
    [
        # The service gets the path without the prefix, so its health is below the route.
        ("/reports/", {"to": "reports", "strip_prefix": True}, ("gateway-well", "/reports/live")),
        # It gets the whole path: nobody knows what it answers to whom.
        ("/reports/", "reports", ("gateway-alive", "/reports/")),
        # The stream of an answer would never end.
        ("/reports/", {"to": "reports", "stream": True}, ("gateway-alive", "/reports/")),
        ("reports.example.com", "reports", ("gateway-well", "/live")),
        ("reports.example.com/a/", "reports", ("gateway-alive", "/a/")),
        ("/live", "reports", ("gateway-well", "/live")),
        ("/reports/", {"to": "reports", "probe": "/ready"}, ("gateway-well", "/reports/ready")),
        ("reports.example.com", {"to": "reports", "probe": "/x"}, ("gateway-well", "/x")),
        ("/reports/", {"to": "reports", "probe": False}, None),
    ],
)
def test_a_service_is_asked_for_its_health_if_the_route_leads_to_it(
    key: str, route: Any, expected: tuple[str, str] | None
) -> None:
    assert question(route, key) == expected


def test_a_health_that_the_gateway_does_not_pass_on_is_not_asked() -> None:
    """The gateway hides metrics, and leads other paths elsewhere."""
    assert question("reports", "/", metrics="/live") == ("gateway-alive", "/")
    assert question("reports", "/", health="/api/live") == ("gateway-alive", "/")
    assert question("reports", "/") == ("gateway-well", "/live")


def test_an_image_of_the_users_own_is_not_asked_what_only_ours_answer() -> None:
    own = {
        "api": {"services": {"backend": {"image": "acme/backend:1"}}},
        "web": {"frontend": {"image": "acme/page:1", "health": "/health"}},
    }
    assert [(probe.module, probe.labels["instance"]) for probe in asked(own)] == [
        ("gateway-well", "/health"),
        ("gateway-alive", "/api/"),
    ]


def test_grafana_is_asked_for_its_health() -> None:
    (probe,) = [
        probe
        for probe in asked({"web": {"routes": {"metrics.example.com": "grafana"}}})
        if probe.labels["service"] == "grafana"
    ]
    assert (probe.module, probe.url) == (
        "gateway-well",
        "http://ai-platform-gateway:8080/api/health",
    )
    assert probe.host == "metrics.example.com"
    assert probe.labels["instance"] == "metrics.example.com/api/health"
    # Here the route /api/ leads elsewhere, and no page of ours answers.
    first, *_ = asked({"web": {"routes": {"/": "grafana"}}})
    assert (first.module, first.labels["service"]) == ("gateway-alive", "grafana")


HOSTS: dict[str, Any] = {
    **KUBERNETES,
    "web": {
        "host": "ai.example.com",
        "routes": {"reports.example.com": {"to": "backend", "probe": "/x"}},
    },
    "kubernetes": {
        "ingress": {"controller_namespace": "traefik", "tls": {"secret": "tls"}},
    },
}


def test_each_host_is_asked_through_the_ingress_if_the_settings_say_where_it_is() -> None:
    ingress = {"url": "https://traefik.traefik"}
    stack = HOSTS | {"observability": {"receiver": "none", "probes": {"ingress": ingress}}}
    through = [probe for probe in asked(stack) if probe.labels["through"] == "ingress"]
    assert [(probe.url, probe.host) for probe in through] == [
        ("https://traefik.traefik/", "ai.example.com"),
        ("https://traefik.traefik/x", "reports.example.com"),
    ]
    without = asked(HOSTS | {"observability": {"receiver": "none"}})
    assert {probe.labels["through"] for probe in without} == {"gateway"}


def test_a_service_without_metrics_and_without_a_route_is_asked_directly() -> None:
    stack = {"api": {"services": {"reports": REPORTS | {"metrics": None}}}}
    assert not_shown(settings(stack)) == {"reports": Address(workload="reports", port=8100)}
    (probe,) = [probe for probe in asked(stack) if probe.labels["through"] == "nothing"]
    assert (probe.module, probe.url, probe.host) == (
        "nothing-well",
        "http://ai-platform-reports:8100/live",
        None,
    )
    for seen in (
        {"api": {"services": {"reports": REPORTS}}},
        stack | {"web": {"routes": {"/reports/": "reports"}}},
    ):
        assert not_shown(settings(seen)) == {}


def test_no_two_probes_have_the_same_labels() -> None:
    """Prometheus would scrape one of them only."""
    ingress = {"url": "https://traefik.traefik"}
    stack = HOSTS | {"observability": {"receiver": "none", "probes": {"ingress": ingress}}}
    labels = [tuple(sorted(probe.labels.items())) for probe in asked(stack)]
    assert len(labels) == len(set(labels)) > 3
