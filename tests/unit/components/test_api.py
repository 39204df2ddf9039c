"""The API tier: any number of services from the settings."""

from dataclasses import replace
from typing import Any

import pytest

from components import api
from components.addresses import Address, Outside
from components.cache.connection import to_platform as to_cache
from components.catalogue import Catalogue
from components.container import File, Health, Http
from components.data.connection import to_platform as to_database
from components.images import ENTRIES
from components.settings import DATABASE_CA, Service
from components.text import Secret, Text
from components.values import API_TOKEN
from components.volumes import Volume
from components.workload import Exposure, Workload
from tests.unit.describing import settings

DATABASE = to_database(
    Address(workload="database", port=5432), ("database", "schema"), connections=5
)
CACHE = to_cache()
CA = File(path=DATABASE_CA, content=Text(template="-----BEGIN CERTIFICATE-----"))
REPORTS = {"image": "acme/reports:1.4.2"}


def tier(**services: Any) -> api.ApiTier:
    stack = settings({"api": {"services": services}})
    return api.ApiTier(stack, Catalogue(stack), {"backend": DATABASE}, CACHE)


def workloads(**services: Any) -> dict[str, Workload]:
    parts = tier(**services).parts
    return {part.name: part for part in parts if isinstance(part, Workload)}


def reports(**fields: Any) -> Workload:
    stack = settings({"api": {"services": {"reports": REPORTS | fields}}})
    database = DATABASE if "database" in fields else None
    return api.describe("reports", stack, Catalogue(stack), database, CACHE)


def test_the_tier_has_a_part_for_each_service_in_order() -> None:
    assert list(workloads(reports=REPORTS)) == ["backend", "decision", "reports"]
    fewer = workloads(reports=REPORTS, decision=None, backend={"env": {"DECISION_URL": None}})
    assert list(fewer) == ["backend", "reports"]


def test_others_reach_a_service_at_its_port_once_it_is_healthy() -> None:
    assert tier(reports=REPORTS | {"port": 8100}).services["reports"] == api.ServiceConnection(
        address=Address(workload="reports", port=8100), starts_after=("reports",)
    )


def test_people_sign_in_with_the_api_token() -> None:
    assert tier().logins == {"api": {"token": API_TOKEN}}
    assert API_TOKEN.keep


def test_a_secret_that_the_platform_generates_can_be_read_back() -> None:
    stack = settings({"secrets": {"given": "v", "made": None}}, secret=("secrets",))
    logins = api.ApiTier(stack, Catalogue(stack), {"backend": DATABASE}, CACHE).logins
    assert logins["secrets"] == {"made": Secret(name="secret.made", keep=True)}


def test_the_backend_reaches_database_cache_and_decision_service_only() -> None:
    assert workloads()["backend"].reaches == (
        DATABASE.reach,
        CACHE.reach,
        Address(workload="decision", port=8001),
    )


def test_the_backend_starts_after_its_servers_and_the_service_that_it_calls() -> None:
    starts_after = workloads()["backend"].starts_after
    assert starts_after == ("database", "schema", "redis", "decision")


def test_the_decision_service_reaches_nothing_and_waits_for_nothing() -> None:
    decision = workloads()["decision"]
    assert decision.reaches == ()
    assert decision.starts_after == ()


def services(**calls: list[str]) -> dict[str, Service]:
    return {
        name: Service.model_validate(REPORTS | {"calls": callees})
        for name, callees in calls.items()
    }


@pytest.mark.parametrize(
    ("calls", "starts_after"),
    [
        ({"a": ["b"], "b": []}, {"a": ("b",), "b": ()}),
        ({"a": ["b", "c"], "b": ["c"], "c": []}, {"a": ("b", "c"), "b": ("c",), "c": ()}),
    ],
    ids=["one calls another", "one calls another by a third too"],
)
def test_a_service_starts_after_the_services_that_it_calls(
    calls: dict[str, list[str]], starts_after: dict[str, tuple[str, ...]]
) -> None:
    called = services(**calls)
    assert {name: api.starts_after_callees(name, called) for name in called} == starts_after


@pytest.mark.parametrize(
    "calls",
    [
        {"a": ["a"]},
        {"a": ["b"], "b": ["a"]},
        {"a": ["b"], "b": ["c"], "c": ["a"]},
    ],
    ids=["itself", "each other", "a longer circle"],
)
def test_services_that_call_each_other_do_not_wait_for_each_other(
    calls: dict[str, list[str]],
) -> None:
    circle = services(**calls)
    assert [api.starts_after_callees(name, circle) for name in circle] == [()] * len(circle)


def test_services_outside_a_cycle_of_calls_still_wait() -> None:
    circle = services(page=["a"], a=["b"], b=["a", "store"], store=[])
    assert {name: api.starts_after_callees(name, circle) for name in circle} == {
        "page": ("a",),
        "a": (),
        "b": ("store",),
        "store": (),
    }


def test_services_that_call_each_other_reach_each_other() -> None:
    parts = workloads(a=REPORTS | {"calls": ["b"]}, b=REPORTS | {"calls": ["a"]})
    assert parts["a"].reaches == (Address(workload="b", port=8000),)
    assert parts["b"].reaches == (Address(workload="a", port=8000),)
    assert parts["a"].starts_after == parts["b"].starts_after == ()


def test_a_service_without_references_reaches_no_server() -> None:
    workload = reports(env={"LOG_LEVEL": "debug"})
    assert workload.reaches == ()
    assert workload.files == ()


def test_a_service_has_the_variables_that_it_asks_for_and_no_others() -> None:
    assert reports(env={"LOG_LEVEL": "debug"}).env == {"LOG_LEVEL": "debug"}
    assert workloads(backend=REPORTS)["backend"].env == {}
    assert workloads(backend=REPORTS)["backend"].files == ()


def test_a_database_brings_its_server_the_network_and_the_order() -> None:
    workload = reports(database={"shared": "application"})
    assert workload.reaches == (DATABASE.reach,)
    assert workload.starts_after == ("database", "schema")


@pytest.mark.parametrize("key", ["url", "host", "password"])
def test_a_reference_to_the_cache_brings_its_server_the_network_and_the_order(key: str) -> None:
    workload = reports(files={"/etc/reports/cache": f"${{cache.{key}}}"})
    assert workload.reaches == (CACHE.reach,)
    assert workload.starts_after == ("redis",)


def test_a_reference_to_a_service_is_a_call() -> None:
    workload = reports(
        env={"DECISIONS": "${service.decision.url}/v1", "SELF": "${service.reports.url}"}
    )
    assert workload.env == {
        "DECISIONS": "http://ai-platform-decision:8001/v1",
        "SELF": "http://ai-platform-reports:8000",
    }
    assert workload.reaches == (Address(workload="decision", port=8001),)
    assert workload.starts_after == ("decision",)


def test_a_service_with_a_database_gets_the_files_that_its_url_names() -> None:
    stack = settings({"api": {"services": {"reports": REPORTS | {"database": {}}}}})
    database = replace(DATABASE, files=(CA,))
    assert api.describe("reports", stack, Catalogue(stack), database, CACHE).files == (CA,)


def test_a_command_replaces_that_of_the_image() -> None:
    assert reports().command == ()
    assert reports(command=["serve", "--port", 8000]).command == ("serve", "--port", "8000")


def test_readiness_and_liveness_use_different_paths() -> None:
    workload = reports(port=8100, health="/live", ready="/serving", start_budget=90)
    assert workload.ready == Health(ask=Http(path="/serving", port=8100), start_budget=90)
    assert workload.alive == Health(ask=Http(path="/live", port=8100), start_budget=90)


def test_a_service_is_scraped_at_the_path_of_its_settings() -> None:
    (target,) = reports(metrics="/internal").scrape_targets()
    assert target.path == "/internal"
    assert list(reports(metrics=None).scrape_targets()) == []


def test_every_service_is_an_endpoint_for_operators() -> None:
    assert tier(reports=REPORTS).endpoints == ("backend", "decision", "reports")
    assert reports(port=8100).exposure == Exposure(endpoint="reports", port=8100, public=False)


def test_a_service_has_only_scratch_paths_unless_it_has_a_volume() -> None:
    assert workloads()["backend"].volumes == ()
    assert "/app/data" in workloads()["backend"].scratch
    workload = reports(data_volume={"path": "/srv", "size": "2Gi"})
    volume = Volume(name="reports-data", path="/srv", size="2Gi", foreign=True)
    assert workload.volumes == (volume,)


def test_a_volume_replaces_the_scratch_path_of_the_same_name() -> None:
    """A scratch directory mounted over the volume would hide it and lose the data."""
    backend = workloads(backend={"data_volume": {}})["backend"]
    assert backend.volumes[0].path == "/app/data"
    assert "/app/data" not in backend.scratch


def test_a_service_reaches_the_outside_servers_of_its_settings() -> None:
    workload = reports(outside=[{"name": "mail", "ports": [25], "cidrs": ["10.1.0.0/16"]}])
    assert workload.reaches == (Outside(name="mail", ports=(25,), cidrs=("10.1.0.0/16",)),)


def test_the_backend_is_built_from_the_catalogues_python_image() -> None:
    build = workloads()["backend"].image.build
    assert build is not None
    assert build.name == "ai-platform/backend"
    assert (build.context, build.dockerfile) == ("images/services", "api.Dockerfile")
    assert build.base == ENTRIES["python"].official
