"""The settings of probes, of single routes and of the Ingress."""

from typing import Any

import pytest

from tests.unit.components.settings.refusals import paths, refusal
from tests.unit.describing import INGRESS, KUBERNETES

REPORTS = {"services": {"reports": {"image": "acme/reports:1"}}}


def routes(**routes: Any) -> dict[str, Any]:
    return {"api": REPORTS, "web": {"routes": routes}}


def probe(path: Any, key: str = "/reports/") -> dict[str, Any]:
    return routes(**{key: {"to": "reports", "probe": path}})


@pytest.mark.parametrize("path", ["/ready", "/", False, None])
def test_a_route_may_name_a_path_to_ask_or_none(path: Any) -> None:
    assert paths(probe(path)) == []


@pytest.mark.parametrize("path", ["ready", True, "", 5])
def test_a_path_to_ask_begins_with_a_slash(path: Any) -> None:
    assert set(paths(probe(path))) == {"web.routes./reports/.probe"}


def test_a_probe_must_ask_the_service_of_its_own_route() -> None:
    assert paths(probe("/.gateway/health", "/")) == ["web.routes./.probe"]
    assert paths(probe("/api/x", "/")) == ["web.routes./.probe"]
    assert paths(probe("/health", "reports.example.com")) == []
    text = refusal(probe("/.gateway/health", "/"))
    assert "/.gateway/health, where the gateway answers" in text
    assert "where the route /api/ answers" in refusal(probe("/api/x", "/"))


def test_only_a_cluster_has_an_ingress_to_ask() -> None:
    asking = {"probes": {"ingress": {"url": "https://traefik.traefik"}}}
    assert paths({"observability": asking}) == ["observability.probes.ingress"]
    assert paths({**KUBERNETES, "observability": {"receiver": "none"} | asking}) == []


@pytest.mark.parametrize(
    "url",
    ["traefik", "https://traefik/path", "https://a b", "ftp://traefik", "https://traefik:84430"],
)
def test_the_ingress_controller_is_named_by_a_url_without_a_path(url: str) -> None:
    stack = {
        **KUBERNETES,
        "observability": {"receiver": "none", "probes": {"ingress": {"url": url}}},
    }
    assert paths(stack) == ["observability.probes.ingress.url"]


@pytest.mark.parametrize("mode", ["builtin", "operator"])
@pytest.mark.parametrize(
    ("probes", "wrong"),
    [
        ({}, ["observability.probes.ingress"]),
        ({"ingress": None}, ["observability.probes.ingress.url"]),
        ({"ingress": {"url": "http://traefik.traefik"}}, ["observability.probes.ingress.url"]),
        ({"ingress": {"url": "https://traefik.traefik"}}, []),
        ({"ingress": "none"}, []),
    ],
)
def test_the_certificate_of_a_host_is_watched_in_production(
    probes: dict[str, Any], wrong: list[str], mode: str
) -> None:
    """The gateway has no certificate on a cluster, so only a probe of the Ingress sees it."""
    own = {"receiver": "none"} if mode == "builtin" else {"runbook_base_url": "https://a.example/"}
    stack: dict[str, Any] = {
        **KUBERNETES,
        "production": True,
        "web": {"host": "ai.example.com"},
        "kubernetes": {"ingress": dict(INGRESS)},
        "observability": {"mode": mode, "grafana": False, "probes": probes} | own,
    }
    assert paths(stack) == wrong
    if probes == {}:
        assert paths(stack | {"production": False}) == []
        assert paths(stack | {"web": {}}) == []
