"""A stack's services merged into the reference services."""

import pytest

from components.settings.reference_services import with_reference_services
from tests.unit.components.settings.refusals import paths_on_both

BACKEND = with_reference_services({})["backend"]


def test_both_reference_services_run_by_default() -> None:
    services = with_reference_services({})
    assert list(services) == ["backend", "decision"]
    assert services["backend"]["env"]["DECISION_URL"] == "${service.decision.url}"
    assert services["decision"]["port"] == 8001


def test_one_setting_does_not_change_the_others() -> None:
    assert with_reference_services({"backend": {"port": 9000}})["backend"] == BACKEND | {
        "port": 9000
    }


def test_variables_and_files_are_merged_and_other_settings_replaced() -> None:
    config = {"env": {"MODE": "strict"}, "files": {"/etc/x": "x"}, "writable": [], "database": {}}
    backend = with_reference_services({"backend": config})["backend"]
    assert backend["env"] == BACKEND["env"] | {"MODE": "strict"}
    assert backend["files"] == BACKEND["files"] | {"/etc/x": "x"}
    assert backend["writable"] == []
    assert backend["database"] == {}


@pytest.mark.parametrize("own", [{"image": "acme/backend:1"}, {"build": "images/mine"}])
def test_an_image_of_the_users_own_gets_only_the_port(own: dict[str, str]) -> None:
    assert with_reference_services({"backend": own})["backend"] == {"port": 8000} | own


def test_null_removes_a_service() -> None:
    assert list(with_reference_services({"decision": None})) == ["backend"]


def test_an_added_service_comes_last_and_does_not_get_the_reference_defaults() -> None:
    services = with_reference_services({"a": {"image": "acme/a:1"}})
    assert list(services) == ["backend", "decision", "a"]
    assert services["a"] == {"image": "acme/a:1"}


def test_a_value_that_is_not_a_mapping_is_left_to_the_model() -> None:
    assert with_reference_services({"backend": "acme/backend:1"})["backend"] == "acme/backend:1"


def test_a_stacks_services_do_not_change_the_defaults() -> None:
    with_reference_services({"backend": {"env": {"MODE": "strict"}, "port": 1}})
    assert with_reference_services({})["backend"] == BACKEND


@pytest.mark.parametrize(("name", "port"), [("backend", 8000), ("decision", 8001)])
def test_our_images_have_one_port(name: str, port: int) -> None:
    assert paths_on_both({"api": {"services": {name: {"port": 9000}}}}) == [
        f"api.services.{name}.port"
    ]
    assert paths_on_both({"api": {"services": {name: {"port": port}}}}) == []
    own = {name: {"image": "acme/own:1", "port": 9000}}
    assert paths_on_both({"api": {"services": own}}) == []
