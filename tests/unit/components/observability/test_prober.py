"""The prober: how it asks, and whom it reaches."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.addresses import Address, Neighbour
from components.catalogue import Catalogue
from components.observability.prober import prober
from components.observability.probes import probes
from components.workload import Workload
from tests.unit.describing import KUBERNETES, settings

GATEWAY = Address(workload="gateway", port=8080)
HOSTS: dict[str, Any] = {
    **KUBERNETES,
    "web": {"host": "ai.example.com"},
    "kubernetes": {"ingress": {"controller_namespace": "traefik", "tls": {"secret": "tls"}}},
}


def workload(stack: dict[str, Any]) -> Workload:
    chosen = settings(stack)
    return prober(chosen, Catalogue(chosen), GATEWAY, probes(chosen, GATEWAY))


def modules(stack: dict[str, Any]) -> dict[str, Any]:
    (configuration, *_) = workload(stack).files
    return dict(json.loads(configuration.content.template)["modules"])


def through_ingress(**ingress: Any) -> dict[str, Any]:
    return HOSTS | {"observability": {"receiver": "none", "probes": {"ingress": ingress}}}


@pytest.fixture
def tls(tmp_path: Path) -> dict[str, Any]:
    for name in ("crt", "key"):
        (tmp_path / name).write_text(name)
    return {"docker": {"tls": {"certificate": f"{tmp_path}/crt", "key": f"{tmp_path}/key"}}}


def test_it_reaches_the_front_door_and_is_not_on_monitorings_network_as_a_client() -> None:
    """The gateway shares a network with its clients. Prometheus must not be on it."""
    assert workload({}).reaches == (GATEWAY,)
    assert not workload({}).monitoring


def test_it_starts_after_what_it_asks_so_that_the_start_of_a_stack_fires_no_alert() -> None:
    assert workload({}).starts_after == ("gateway",)
    api = {"services": {"worker": {"image": "worker:1.0.0", "metrics": None}}}
    assert workload({"api": api}).starts_after == ("gateway", "worker")


def test_a_page_must_answer_well_and_a_route_with_any_application_at_all() -> None:
    well = modules({})["gateway-well"]
    assert well["http"]["method"] == "GET"
    assert well["http"]["valid_status_codes"] == [*range(200, 400), 429]
    routes = {"/reports/": {"to": "backend", "stream": True}}
    alive = modules({"web": {"routes": routes}})["gateway-alive"]["http"]
    assert alive["method"] == "HEAD"
    assert alive["valid_status_codes"] == [*range(200, 500), 501]
    assert not {502, 503, 504} & set(alive["valid_status_codes"])


def test_logs_show_that_a_request_is_a_probe() -> None:
    for module in modules({}).values():
        assert module["http"]["headers"] == {"User-Agent": "ai-platform-prober"}


def test_behind_an_ingress_it_says_what_the_ingress_says() -> None:
    for module in modules(HOSTS | {"observability": {"receiver": "none"}}).values():
        assert module["http"]["headers"]["X-Forwarded-Proto"] == "https"


def test_the_gateway_must_show_the_certificate_of_the_settings_for_its_host(
    tls: dict[str, Any],
) -> None:
    named = tls | {"web": {"host": "ai.example.com"}}
    assert modules(named)["gateway-well"]["http"]["tls_config"] == {
        "ca_file": "/etc/prober/gateway.crt"
    }
    files = {file.path: file.content.template for file in workload(named).files}
    assert files["/etc/prober/gateway.crt"] == "crt"
    assert modules(tls)["gateway-well"]["http"]["tls_config"] == {"insecure_skip_verify": True}


def test_it_reaches_the_ingress_controllers_pods() -> None:
    reaches = workload(through_ingress(url="https://traefik.traefik", port=8443)).reaches
    assert reaches == (GATEWAY, Neighbour(namespace="traefik", ports=(8443,)))
    reaches = workload(through_ingress(url="https://traefik.traefik")).reaches
    assert reaches == (GATEWAY, Neighbour(namespace="traefik", ports=(443,)))


def test_the_ingress_must_show_a_trusted_certificate_unless_the_settings_say_otherwise() -> None:
    trusted = modules(through_ingress(url="https://traefik.traefik"))
    assert "tls_config" not in trusted["ingress-well"]["http"]
    own = modules(through_ingress(url="https://traefik.traefik", verify=False))
    assert own["ingress-well"]["http"]["tls_config"] == {"insecure_skip_verify": True}
    assert "tls_config" not in own["gateway-well"]["http"]


def test_it_reaches_services_that_nothing_else_shows() -> None:
    hidden = {"image": "acme/reports:1", "port": 8100, "metrics": None}
    reaches = workload({"api": {"services": {"reports": hidden}}}).reaches
    assert reaches == (GATEWAY, Address(workload="reports", port=8100))
