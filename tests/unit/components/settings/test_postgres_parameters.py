"""Server parameters of a stack file."""

from typing import Any

import pytest

from tests.unit.components.settings.refusals import SERVER, paths, refusal
from tests.unit.describing import KUBERNETES, settings

OPERATED = {**KUBERNETES, "data": {"mode": "cloudnative-pg", "backup": False}}


def stack(parameters: dict[str, Any], **data: Any) -> dict[str, Any]:
    return {"data": {"parameters": parameters, **data}}


def test_numbers_and_booleans_are_values_too() -> None:
    values = {"random_page_cost": 1.1, "jit": False, "work_mem": "16MB", "auto_explain.nested": 1}
    assert settings(stack(values)).data.parameters == {
        "random_page_cost": "1.1",
        "jit": "false",
        "work_mem": "16MB",
        "auto_explain.nested": "1",
    }


@pytest.mark.parametrize(
    "name",
    [
        *("listen_addresses", "port", "data_directory", "hba_file", "ident_file", "config_file"),
        *("ssl", "ssl_cert_file", "unix_socket_directories", "unix_socket_permissions"),
        *("max_connections", "log_destination", "logging_collector", "restart_after_crash"),
    ],
)
@pytest.mark.parametrize("config", [{}, OPERATED], ids=["builtin", "operated"])
def test_parameters_of_the_platform_are_refused(name: str, config: dict[str, Any]) -> None:
    parameters = {"parameters": {name: "x"}}
    values = config | {"data": config.get("data", {}) | parameters}
    assert paths(values) == [f"data.parameters.{name}"]


@pytest.mark.parametrize(
    "name",
    [
        *("archive_command", "archive_mode", "shared_preload_libraries", "hot_standby"),
        *("primary_conninfo", "recovery_target", "synchronous_standby_names", "cluster_name"),
    ],
)
def test_parameters_of_the_operator_are_refused_with_the_operator_only(name: str) -> None:
    assert paths(stack({name: "x"})) == []
    operated = {**KUBERNETES, **stack({name: "x"}, mode="cloudnative-pg", backup=False)}
    assert paths(operated) == [f"data.parameters.{name}"]


def test_the_operator_leaves_the_archives_timeout_to_the_user() -> None:
    operated = {
        **KUBERNETES,
        **stack({"archive_timeout": "1min"}, mode="cloudnative-pg", backup=False),
    }
    assert paths(operated) == []


def test_a_server_that_the_platform_does_not_run_has_no_parameters() -> None:
    external = stack({"work_mem": "16MB"}, mode="external", external=SERVER)
    assert paths(external, ("data",)) == ["data.parameters.work_mem"]


@pytest.mark.parametrize(
    "parameters", [{"Work_Mem": "1MB"}, {"work_mem; --": "1MB"}, {"work_mem": "1MB\nport = 1"}]
)
def test_names_and_values_have_one_line(parameters: dict[str, str]) -> None:
    (path,) = paths(stack(parameters))
    assert path.startswith("data.parameters")


def test_the_error_says_which_setting_counts() -> None:
    assert refusal(stack({"max_connections": 50})).endswith(
        "data.parameters.max_connections\n  allowed  no value: data.max_connections sets it"
    )
