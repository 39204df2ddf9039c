"""The API tier's description: any number of services, each as its settings say."""

from typing import Any

from components import cache, data, database
from components.api import api_services
from components.images import Catalogue
from components.workload import Address, Health, Http, Outside, Volume, Workload
from tests.unit.describing import settings


def services(**given: Any) -> dict[str, Workload]:
    found = settings({"api": {"services": given}})
    described = api_services(
        found, Catalogue(found), data.connection(found), cache.connection(found)
    )
    return {each.name: each for each in described}


def reports(**given: Any) -> Workload:
    return services(reports={"image": "acme/reports:1.4.2"} | given)["reports"]


def test_the_backend_reaches_database_cache_and_decision_service_only() -> None:
    assert services()["backend"].reaches == (
        database.POSTGRES,
        cache.REDIS,
        Address(workload="decision", port=8001),
    )


def test_the_backend_starts_after_what_it_stores_in() -> None:
    """Not after the decision service, which it serves without."""
    assert services()["backend"].starts_after == ("postgres", "redis")


def test_the_decision_service_reaches_nothing_and_waits_for_nothing() -> None:
    decision = services()["decision"]
    assert decision.reaches == ()
    assert decision.starts_after == ()


def test_a_service_that_asks_for_no_credential_reaches_no_server() -> None:
    assert reports().reaches == ()
    assert reports().files == ()


def test_a_credential_brings_its_server_the_network_and_the_order() -> None:
    asking = reports(credentials={"PASSWORD_FILE": "cache-password"})
    assert asking.reaches == (cache.REDIS,)
    assert asking.starts_after == ("redis",)


def test_a_credential_at_a_variable_is_a_file_that_the_variable_names() -> None:
    asking = reports(credentials={"PASSWORD_FILE": "database-password"})
    assert asking.env["PASSWORD_FILE"] == "/run/secrets/database-password"
    (file,) = asking.files
    assert file.path == "/run/secrets/database-password"
    assert file.content == database.APPLICATION.text
    assert asking.secret_env == {}


def test_a_credential_at_a_path_is_a_file_there() -> None:
    asking = reports(credentials={"/etc/reports/token": "api-token"})
    assert [file.path for file in asking.files] == ["/etc/reports/token"]
    assert "api-token" not in str(asking.env)


def test_a_credential_as_a_variable_is_only_for_those_who_ask_for_that() -> None:
    asking = reports(credentials={"DSN": "database-url"}, secrets_as="env")
    assert asking.secret_env == {"DSN": data.connection(settings()).url}
    assert "DSN" not in asking.env
    assert asking.files == ()


def test_one_credential_at_two_variables_is_one_file() -> None:
    asking = reports(credentials={"A": "api-token", "B": "api-token"})
    assert asking.env["A"] == asking.env["B"]
    assert len(asking.files) == 1


def test_the_cache_url_has_the_password_that_the_cache_demands() -> None:
    files = {file.path: file.content for file in services()["backend"].files}
    url = files["/run/secrets/cache-url"]
    assert url.fill({"redis-app-password": "pw"}) == "redis://platform:pw@ai-platform-redis:6379/0"


def test_ready_and_alive_ask_different_paths() -> None:
    asking = reports(port=8100, health="/live", ready="/serving", start_budget=90)
    assert asking.ready == Health(ask=Http(path="/serving", port=8100), start_budget=90)
    assert asking.alive == Health(ask=Http(path="/live", port=8100), start_budget=90)


def test_a_service_without_a_client_has_no_inner_check() -> None:
    silent = reports(client="none")
    assert silent.ready is None
    assert silent.alive is None
    assert silent.image.client is None


def test_a_service_is_scraped_where_it_says() -> None:
    assert reports(metrics="/internal").ports[0].metrics == "/internal"
    assert not reports(metrics=None).scraped


def test_every_service_is_an_endpoint_of_its_name() -> None:
    exposures = {name: each.exposure for name, each in services().items()}
    assert {name: e.endpoint for name, e in exposures.items() if e} == {
        "backend": "backend",
        "decision": "decision",
    }


def test_data_of_a_service_is_scratch_unless_it_asks_for_a_volume() -> None:
    assert services()["backend"].volumes == ()
    assert "/app/data" in services()["backend"].scratch
    asking = reports(data_volume={"path": "/srv", "size": "2Gi"})
    assert asking.volumes == (Volume(name="reports-data", path="/srv", size="2Gi"),)


def test_a_backends_volume_takes_the_place_of_the_scratch_at_its_path() -> None:
    """A scratch file system over the volume would hide it, and lose the data."""
    backend = services(backend={"data_volume": {}})["backend"]
    assert backend.volumes[0].path == "/app/data"
    assert "/app/data" not in backend.scratch


def test_servers_elsewhere_are_reached_where_the_settings_say() -> None:
    asking = reports(outside=[{"name": "mail", "ports": [25], "cidrs": ["10.1.0.0/16"]}])
    assert asking.reaches == (Outside(name="mail", ports=(25,), cidrs=("10.1.0.0/16",)),)


def test_plain_variables_of_the_settings_win_over_the_tiers_tuning() -> None:
    assert reports().env["LOG_LEVEL"] == "INFO"
    assert reports(env={"LOG_LEVEL": "DEBUG"}).env["LOG_LEVEL"] == "DEBUG"


def test_an_image_of_ones_own_is_not_built() -> None:
    assert reports().image.build is None
    assert reports().image.reference == "acme/reports:1.4.2"
    backend = services()["backend"].image
    assert backend.build is not None
    assert backend.build.context == "images/api"
    assert backend.build.base == "python:3.11-slim-bookworm"


def test_services_that_others_call_come_first() -> None:
    assert list(services(a={"image": "acme/a:1", "calls": ["z"]}, z={"image": "acme/z:1"})) == [
        "decision",
        "z",
        "a",
        "backend",
    ]
