"""The API services: their calls, credentials and volumes."""

import pytest

from components.settings import SettingsError
from tests.unit.components.settings.refusals import REPORTS, paths, paths_on_both, service
from tests.unit.describing import settings


def test_the_web_tier_needs_a_backend() -> None:
    assert paths({"api": {"services": {"decision": None, "backend": {"calls": []}}}}) == []
    assert paths({"api": {"services": {"backend": None}}}) == ["api.services.backend"]


def test_a_service_can_only_call_services_of_the_stack() -> None:
    assert paths(service(calls=["backend", "decision"])) == []
    with pytest.raises(SettingsError, match="nearest  decision"):
        settings(service(calls=["decison"]))


def test_a_service_that_others_call_cannot_be_removed() -> None:
    assert paths({"api": {"services": {"decision": None}}}) == ["api.services.backend.calls"]


def test_a_volume_has_one_writer() -> None:
    assert paths(service(data_volume={}, replicas=1)) == []
    assert paths(service(data_volume={}, replicas={"min": 1, "max": 2})) == [f"{REPORTS}.replicas"]
    assert paths(service(replicas=2)) == []


def test_a_credential_in_a_variable_does_not_use_its_directory() -> None:
    config = {"credentials": {"TOKEN": "api-token"}, "secrets_as": "env", "writable": ["/run"]}
    assert paths_on_both(service(**config)) == []


def test_neither_a_writable_path_nor_a_volume_hides_a_credential_file() -> None:
    token = {"/etc/app/token": "api-token"}
    assert paths_on_both(service(writable=["/etc/app"], credentials=token)) == [
        f"{REPORTS}.writable.0"
    ]
    volume = {"path": "/etc"}
    assert paths_on_both(service(data_volume=volume, credentials=token)) == [
        f"{REPORTS}.data_volume.path"
    ]


def test_neither_hides_the_certificate_of_the_databases_authority() -> None:
    external = {"host": "db.example.com", "user": "app", "password": "given"}
    external |= {"sslmode": "verify-full", "ca": "-----BEGIN CERTIFICATE-----\nMII\n"}
    data = {"data": {"mode": "external", "external": external}}
    asks = service(writable=["/etc"], credentials={"/srv/url": "database-url"})
    assert paths_on_both(data | asks, ("data",)) == [f"{REPORTS}.writable.0"]
    assert paths_on_both(data | service(writable=["/etc"]), ("data",)) == []


@pytest.mark.parametrize(
    "target",
    ["1TOKEN", "A B", "A=B", "", "..A", ".", "/", "/a/", "/a/../b", "/a//b", f"/{'a' * 120}"],
)
def test_a_credential_has_a_variable_or_a_path(target: str) -> None:
    assert paths_on_both(service(credentials={target: "api-token"})) == [
        f"{REPORTS}.credentials.{target}"
    ]


@pytest.mark.parametrize("target", ["TOKEN", "_T", "app.token-1", "/.env", "/srv/my_app/token.txt"])
def test_a_credential_may_have_an_unusual_variable_or_a_hidden_file(target: str) -> None:
    assert paths_on_both(service(credentials={target: "api-token"})) == []


@pytest.mark.parametrize("name", ["1A", "A B", "A=B", "", "é"])
def test_a_plain_variable_has_a_name_that_both_targets_accept(name: str) -> None:
    assert paths_on_both(service(env={name: "x"})) == [f"{REPORTS}.env.{name}"]
    assert paths_on_both({"web": {"env": {name: "x"}}}) == [f"web.env.{name}"]


def test_a_variable_is_set_once() -> None:
    config = {"env": {"TOKEN": "plain"}, "credentials": {"TOKEN": "api-token"}}
    assert paths_on_both(service(**config)) == [f"{REPORTS}.env.TOKEN"]
    assert paths_on_both(service(**config, secrets_as="env")) == [f"{REPORTS}.env.TOKEN"]
