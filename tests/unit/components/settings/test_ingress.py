"""How people outside a cluster reach a stack."""

from typing import Any

from tests.unit.components.settings.refusals import paths
from tests.unit.describing import INGRESS, KUBERNETES, hosted


def ingress(host: str | None = "ai.example.com", **config: Any) -> list[str]:
    web = {"host": host} if host else {}
    return paths({**KUBERNETES, "web": web, "kubernetes": {"ingress": {**INGRESS, **config}}})


def test_a_host_with_a_certificate_and_a_controller_is_enough() -> None:
    assert ingress() == []


def test_a_docker_stack_may_have_an_incomplete_ingress() -> None:
    assert paths({"web": {"host": "ai.example.com"}, "kubernetes": {"ingress": {}}}) == []


def test_hosts_need_a_certificate_and_the_namespace_of_a_controller() -> None:
    assert ingress(tls=None) == ["kubernetes.ingress.tls"]
    assert ingress(controller_namespace=None) == ["kubernetes.ingress.controller_namespace"]
    assert ingress(None, tls=None, controller_namespace=None) == []


def test_the_host_of_a_route_needs_them_too() -> None:
    stack = hosted(routes={"api.example.com": "backend"}) | {"kubernetes": {}}
    assert paths(stack) == ["kubernetes.ingress.tls", "kubernetes.ingress.controller_namespace"]


def test_a_certificate_comes_from_a_secret_or_from_an_issuer() -> None:
    assert ingress(tls={"issuer": "letsencrypt"}) == []
    assert ingress(tls={}) == ["kubernetes.ingress.tls"]
    assert ingress(tls={"secret": "a", "issuer": "b"}) == ["kubernetes.ingress.tls"]
