"""The settings of an HTTP service in the vocabulary."""

from typing import Any

import pytest

from components import http_service
from components.addresses import Outside
from components.container import File, Health, Http, Identity, Port, Resources
from components.settings import BuildContext, Credential, Service
from components.text import Secret, Text
from components.workload import Replicas
from tests.unit.describing import catalogue, settings

URL = Text(name="database-url", template="db://${pw}", secrets=(Secret(name="pw"),))
TOKEN = Secret(name="api-token").text
TEXTS: dict[Credential, Text] = {"database-url": URL, "api-token": TOKEN}


def service(name: str = "reports", **fields: Any) -> Service:
    reports = {"image": "acme/reports:1.4.2"}
    values = {"reports": reports, name: (reports if name == "reports" else {}) | fields}
    return settings({"api": {"services": values}}).api.services[name]


def test_a_users_image_is_not_built_and_runs_as_the_user_of_the_settings() -> None:
    image = http_service.image(
        "reports", service(user="1000:2000", client="wget"), catalogue(), "python"
    )
    assert image.build is None
    assert image.reference == "acme/reports:1.4.2"
    assert image.identity == Identity(uid=1000, gid=2000)
    assert image.client == "wget"
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


def test_an_image_without_a_client_has_no_health_check() -> None:
    silent = service(client="none")
    assert http_service.health("/ready", silent) is None
    assert http_service.image("reports", silent, catalogue(), "python").client is None


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


def test_a_variable_names_the_file_with_the_credential() -> None:
    reports = service(credentials={"URL_FILE": "database-url"})
    path = "/run/secrets/database-url"
    assert http_service.credentials(reports, TEXTS) == (
        {"URL_FILE": path},
        {},
        (File(path=path, content=URL),),
    )


def test_a_path_receives_a_file_with_the_credential() -> None:
    path = "/etc/reports/token"
    reports = service(credentials={path: "api-token"})
    assert http_service.credentials(reports, TEXTS) == ({}, {}, (File(path=path, content=TOKEN),))


def test_a_variable_contains_the_credential_with_secrets_as_env() -> None:
    reports = service(credentials={"DSN": "database-url"}, secrets_as="env")
    assert http_service.credentials(reports, TEXTS) == ({}, {"DSN": URL}, ())


def test_a_path_receives_a_file_even_with_secrets_as_env() -> None:
    reports = service(
        credentials={"DSN": "database-url", "/etc/token": "api-token"}, secrets_as="env"
    )
    _, secret_env, files = http_service.credentials(reports, TEXTS)
    assert secret_env == {"DSN": URL}
    assert files == (File(path="/etc/token", content=TOKEN),)


def test_two_variables_of_one_credential_name_one_file() -> None:
    reports = service(credentials={"A": "api-token", "B": "api-token"})
    env, _, files = http_service.credentials(reports, TEXTS)
    assert env["A"] == env["B"]
    assert len(files) == 1
