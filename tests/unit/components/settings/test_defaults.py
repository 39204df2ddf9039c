"""A user's services over the default ones."""

from components.settings.defaults import service_defaults

BACKEND = service_defaults({})["backend"]


def test_both_reference_services_are_there_by_default() -> None:
    services = service_defaults({})
    assert list(services) == ["backend", "decision"]
    assert services["backend"]["calls"] == ["decision"]
    assert services["backend"]["env"]["DECISION_URL"] == "http://ai-platform-decision:8001"
    assert services["decision"]["port"] == 8001


def test_one_setting_leaves_the_others_as_they_are() -> None:
    assert service_defaults({"backend": {"port": 9000}})["backend"] == BACKEND | {"port": 9000}


def test_variables_are_merged_and_lists_and_credentials_replaced() -> None:
    given = {"env": {"MODE": "strict"}, "credentials": {"DSN": "database-url"}, "writable": []}
    backend = service_defaults({"backend": given})["backend"]
    assert backend["env"] == BACKEND["env"] | {"MODE": "strict"}
    assert backend["credentials"] == {"DSN": "database-url"}
    assert backend["writable"] == []


def test_an_image_takes_the_place_of_the_build() -> None:
    assert "build" not in service_defaults({"backend": {"image": "acme/backend:1"}})["backend"]


def test_null_leaves_a_service_out() -> None:
    assert list(service_defaults({"decision": None})) == ["backend"]


def test_a_further_service_comes_after_the_default_ones_without_their_defaults() -> None:
    services = service_defaults({"a": {"image": "acme/a:1"}})
    assert list(services) == ["backend", "decision", "a"]
    assert services["a"] == {"image": "acme/a:1", "env": {}}


def test_what_is_no_mapping_is_left_for_the_model_to_refuse() -> None:
    assert service_defaults({"backend": "acme/backend:1"})["backend"] == "acme/backend:1"


def test_the_defaults_are_not_changed_by_what_is_given() -> None:
    service_defaults({"backend": {"env": {"MODE": "strict"}, "port": 1}})
    assert service_defaults({})["backend"] == BACKEND
