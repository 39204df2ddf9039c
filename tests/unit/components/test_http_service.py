"""The settings of an HTTP service in the vocabulary."""

from typing import Any

import pytest

from components import http_service
from components.addresses import Outside
from components.container import Health, Http, Identity, Port, Resources
from components.settings import BuildContext, Service
from components.workload import Replicas
from tests.unit.describing import catalogue, settings


def service(name: str = "reports", **fields: Any) -> Service:
    reports = {"image": "acme/reports:1.4.2"}
    values = {"reports": reports, name: (reports if name == "reports" else {}) | fields}
    return settings({"api": {"services": values}}).api.services[name]


def test_a_users_image_is_not_built_and_runs_as_the_user_of_the_settings() -> None:
    image = http_service.image("reports", service(user="1000:2000"), catalogue(), "python")
    assert image.build is None
    assert image.reference == "acme/reports:1.4.2"
    assert image.identity == Identity(uid=1000, gid=2000)
    assert image.stop_signal == "SIGTERM"


def test_a_users_image_comes_from_the_mirror() -> None:
    mirrored = catalogue({"registry": {"url": "mirror.example.com"}})
    image = http_service.image("reports", service(), mirrored, "python")
    assert image.reference == "mirror.example.com/acme/reports:1.4.2"


API = BuildContext(context="images/services", dockerfile="api.Dockerfile")


def test_an_image_that_is_built_is_pulled_from_where_it_is_pushed() -> None:
    image = http_service.image("backend", service("backend"), catalogue(), "python", "SIGQUIT")
    assert image.build == catalogue().build("backend", API, "python")
    assert image.reference == catalogue().pushed(image.build)
    assert image.stop_signal == "SIGQUIT"


def test_a_health_check_has_the_services_port_and_start_budget() -> None:
    reports = service(port=8100, start_budget=90)
    assert http_service.health("/serving", reports) == Health(
        ask=Http(path="/serving", port=8100), start_budget=90
    )


def test_a_service_is_ready_by_default_when_it_is_alive() -> None:
    assert http_service.health(None, service(health="/healthz")) == Health(
        ask=Http(path="/healthz", port=8000)
    )


def test_a_port_with_metrics_is_scraped_every_10_s() -> None:
    assert http_service.port(service(port=8100), "/metrics") == Port(
        name="http", number=8100, metrics="/metrics", scrape_interval="10s"
    )
    assert http_service.port(service(port=8100)) == Port(name="http", number=8100)


@pytest.mark.parametrize(
    ("fields", "requests"),
    [
        ({}, (None, None)),
        ({"memory_request": "128Mi", "cpu_request": 0.1}, (128, 0.1)),
    ],
)
def test_resources_come_from_the_settings(
    fields: dict[str, Any], requests: tuple[int | None, float | None]
) -> None:
    memory_request, cpu_request = requests
    assert http_service.resources(service(memory="1Gi", cpu=2, **fields)) == Resources(
        memory=1024, cpu=2, memory_request=memory_request, cpu_request=cpu_request
    )


def test_replicas_come_from_the_settings() -> None:
    assert http_service.replicas(service(replicas={"min": 2, "max": 6, "cpu_target": 60})) == (
        Replicas(min=2, max=6, cpu_target=60)
    )


def test_outside_servers_come_from_the_settings() -> None:
    reports = service(outside=[{"name": "mail", "ports": [25], "cidrs": ["10.1.0.0/16"]}])
    assert http_service.outside(reports) == (
        Outside(name="mail", ports=(25,), cidrs=("10.1.0.0/16",)),
    )
