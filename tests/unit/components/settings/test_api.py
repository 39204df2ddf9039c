"""The API services: their calls, files and volumes."""

from typing import Any

import pytest

from components.settings import SettingsError
from tests.unit.components.settings.refusals import REPORTS, paths, paths_on_both, service
from tests.unit.describing import settings


def test_a_removed_service_has_no_route() -> None:
    assert (
        paths({"api": {"services": {"decision": None, "backend": {"env": {"DECISION_URL": None}}}}})
        == []
    )
    assert paths({"api": {"services": {"backend": None}}}) == ["web.routes./api/"]


def test_a_service_can_only_call_services_of_the_stack() -> None:
    assert paths(service(calls=["backend", "decision"])) == []
    with pytest.raises(SettingsError, match="nearest  decision"):
        settings(service(calls=["decison"]))


def test_a_service_that_others_call_cannot_be_removed() -> None:
    assert paths({"api": {"services": {"decision": None}}}) == [
        "api.services.backend.env.DECISION_URL"
    ]


def test_a_volume_has_one_writer() -> None:
    assert paths(service(data_volume={}, replicas=1)) == []
    assert paths(service(data_volume={}, replicas={"min": 1, "max": 2})) == [f"{REPORTS}.replicas"]
    assert paths(service(replicas=2)) == []


def test_neither_a_writable_path_nor_a_volume_hides_a_file() -> None:
    token = {"/etc/app/token": "${api-token}"}
    assert paths_on_both(service(writable=["/etc/app"], files=token)) == [f"{REPORTS}.writable.0"]
    volume = {"path": "/etc"}
    assert paths_on_both(service(data_volume=volume, files=token)) == [
        f"{REPORTS}.data_volume.path"
    ]


def test_neither_hides_the_certificate_of_the_databases_authority() -> None:
    external: dict[str, Any] = {"host": "db.example.com", "user": "app", "password": "given"}
    external |= {"cidrs": ["192.0.2.0/24"]}
    external |= {"sslmode": "verify-full", "ca": "-----BEGIN CERTIFICATE-----\nMII\n"}
    data = {"data": {"mode": "external", "external": external}}
    asks = service(writable=["/etc"], database={"shared": "application"})
    assert paths_on_both(data | asks, ("data",)) == [f"{REPORTS}.writable.0"]
    assert paths_on_both(data | service(writable=["/etc"]), ("data",)) == []


@pytest.mark.parametrize(
    "path", ["TOKEN", "", "/", "/a/", "/a/../b", "/a//b", "/a b", f"/{'a' * 120}"]
)
def test_a_file_has_an_absolute_path(path: str) -> None:
    assert paths_on_both(service(files={path: "x"})) == [f"{REPORTS}.files.{path}"]


@pytest.mark.parametrize("path", ["/.env", "/srv/my_app/token.txt"])
def test_a_file_may_be_hidden_or_have_an_unusual_name(path: str) -> None:
    assert paths_on_both(service(files={path: "x"})) == []


@pytest.mark.parametrize("name", ["1A", "A B", "A=B", "", "é", "..A", "."])
def test_a_plain_variable_has_a_name_that_both_targets_accept(name: str) -> None:
    assert paths_on_both(service(env={name: "x"})) == [f"{REPORTS}.env.{name}"]
    assert paths_on_both({"web": {"frontend": {"env": {name: "x"}}}}) == [
        f"web.frontend.env.{name}"
    ]


@pytest.mark.parametrize("name", ["TOKEN", "_T", "app.token-1"])
def test_a_variable_may_have_an_unusual_name(name: str) -> None:
    assert paths_on_both(service(env={name: "x"})) == []


def test_null_removes_a_default_variable_or_file() -> None:
    changed = settings(
        {
            "api": {
                "services": {
                    "decision": {
                        "env": {"LOG_LEVEL": None, "MORE": "1"},
                        "files": {"/run/secrets/api-token": None},
                    }
                }
            }
        }
    ).api.services["decision"]
    assert set(changed.env) == {"ENVIRONMENT", "API_TOKEN_FILE", "MORE"}
    assert changed.files == {}


def test_a_service_with_a_volume_leaves_the_port_of_its_exporter_free() -> None:
    assert paths(service(port=9100)) == []
    assert paths(service(port=9100, data_volume={})) == ["api.services.reports.port"]


def test_a_service_with_a_volume_leaves_the_port_of_its_copies_free() -> None:
    bucket = {"endpoint": "https://s3.example.com", "bucket": "acme"}
    keys = dict.fromkeys(("access_key", "secret_key", "passphrase"), "given")
    data = {"backup": {"offsite": {**bucket, **keys}}}
    values = service(port=9748, data_volume={})
    assert paths(values) == []
    assert "api.services.reports.port" in paths(values | {"data": data})
    assert "api.services.reports.port" not in paths(service(port=9748) | {"data": data})
