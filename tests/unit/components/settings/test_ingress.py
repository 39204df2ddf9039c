"""How people outside a cluster reach a stack."""

from typing import Any

import pytest

from tests.unit.components.settings.refusals import paths, refusal
from tests.unit.describing import KUBERNETES

INGRESS: dict[str, Any] = {
    "hosts": {"web": "ai.example.com"},
    "tls": {"secret": "certificate"},
    "controller_namespace": "traefik",
}


def ingress(**config: Any) -> list[str]:
    return paths({**KUBERNETES, "kubernetes": {"ingress": INGRESS | config}})


def test_a_host_with_a_certificate_and_a_controller_is_enough() -> None:
    assert ingress() == []


def test_a_docker_stack_may_have_an_incomplete_ingress() -> None:
    wrong = INGRESS | {"tls": None, "controller_namespace": None}
    assert paths({"target": "docker", "kubernetes": {"ingress": wrong}}) == []


@pytest.mark.parametrize("name", ["prometheus", "alertmanager"])
def test_an_endpoint_without_a_login_cannot_have_a_host(name: str) -> None:
    path = f"kubernetes.ingress.hosts.{name}"
    assert ingress(hosts={name: "x.example.com"}) == [path]
    config = INGRESS | {"hosts": {name: "x.example.com"}}
    message = refusal({**KUBERNETES, "kubernetes": {"ingress": config}})
    assert f"{path}\n  found    an endpoint without a login" in message
    assert f"reach {name} with kubectl port-forward" in message


@pytest.mark.parametrize("name", ["web", "backend", "decision", "grafana"])
def test_every_other_endpoint_may_have_a_host(name: str) -> None:
    assert ingress(hosts={name: "x.example.com"}) == []


def test_a_host_needs_an_endpoint_of_the_stack() -> None:
    assert ingress(hosts={"grafna": "x.example.com"}) == ["kubernetes.ingress.hosts.grafna"]
    config = INGRESS | {"hosts": {"grafna": "x.example.com"}}
    assert "nearest  grafana" in refusal({**KUBERNETES, "kubernetes": {"ingress": config}})


def test_grafana_cannot_have_a_host_if_it_does_not_run() -> None:
    grafana = {"ingress": INGRESS | {"hosts": {"grafana": "x.example.com"}}}
    config = {**KUBERNETES, "observability": {"grafana": False}, "kubernetes": grafana}
    assert paths(config) == ["kubernetes.ingress.hosts.grafana"]


def test_hosts_need_a_certificate_and_the_namespace_of_a_controller() -> None:
    assert ingress(tls=None) == ["kubernetes.ingress.tls"]
    assert ingress(controller_namespace=None) == ["kubernetes.ingress.controller_namespace"]
    assert ingress(hosts={}, tls=None, controller_namespace=None) == []


def test_a_certificate_comes_from_a_secret_or_from_an_issuer() -> None:
    assert ingress(tls={"issuer": "letsencrypt"}) == []
    assert ingress(tls={}) == ["kubernetes.ingress.tls"]
    assert ingress(tls={"secret": "a", "issuer": "b"}) == ["kubernetes.ingress.tls"]


@pytest.mark.parametrize(
    ("host", "right"),
    [
        ("ai.example.com", True),
        ("ai", True),
        ("https://ai.example.com", False),
        ("ai.example.com/", False),
        ("AI.example.com", False),
        ("ai.example.com:443", False),
        ("", False),
    ],
)
def test_a_host_is_a_name_and_not_a_url(host: str, right: bool) -> None:
    wrong = [] if right else ["kubernetes.ingress.hosts.web"]
    assert ingress(hosts={"web": host}) == wrong


def test_two_endpoints_cannot_share_a_host() -> None:
    host = "x.example.com"
    assert ingress(hosts={"web": host, "grafana": host}) == ["kubernetes.ingress.hosts"]
