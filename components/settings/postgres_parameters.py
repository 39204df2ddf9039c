"""Server parameters of PostgreSQL that a stack file sets, and those that it may not set."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import BeforeValidator

from components.settings.problems import Problem
from components.settings.shapes import Plain, Shape

ParameterName = Annotated[
    str,
    Shape(
        r"^[a-z][a-z0-9_]{0,62}(\.[a-z][a-z0-9_]{0,62})?$",
        "a parameter's name in lower case, such as `work_mem` or `auto_explain.log_analyze`",
    ),
]
ParameterValue = Annotated[
    Plain,
    Shape(r"^[^\x00-\x1f]{0,1000}$", "one line of text, a number or a boolean"),
    # `Plain` turns the others into text.
    BeforeValidator(lambda value: value, json_schema_input_type=str | int | float | bool),
]

# Names, or beginnings of names that end with `*`, and the reason.
_OWN = "the platform sets it itself"
_LOGS = "the server logs to its standard error, where the platform collects logs"
PLATFORM: Mapping[str, str] = {
    "max_connections": "data.max_connections sets it",
    "listen_addresses": _OWN,
    "port": _OWN,
    "unix_socket_*": _OWN,
    "data_directory": _OWN,
    "config_file": _OWN,
    "hba_file": _OWN,
    "ident_file": _OWN,
    "external_pid_file": _OWN,
    "ssl*": "the platform's network policies and networks protect connections, without TLS",
    "logging_collector": _LOGS,
    "log_destination": _LOGS,
    "log_directory": _LOGS,
    "log_file*": _LOGS,
    "log_rotation_*": _LOGS,
    "log_truncate_on_rotation": _LOGS,
    "syslog_*": _LOGS,
    "restart_after_crash": _OWN,
    "data_sync_retry": "after a failed write, the server must restart to repeat it from its log",
}
# What CloudNativePG rejects, or replaces by its own values, besides (pkg/postgres of version 1.29).
_OPERATOR = "CloudNativePG sets it itself"
OPERATED: Mapping[str, str] = dict.fromkeys(
    (
        "allow_alter_system",
        "allow_system_table_mods",
        "archive_*",
        "bonjour*",
        "cluster_name",
        "event_source",
        "hot_standby",
        "jit_provider",
        "pg_failover_slots.*",
        "primary_*",
        "promote_trigger_file",
        "recovery_*",
        "restore_command",
        "shared_preload_libraries",
        "stats_temp_directory",
        "synchronized_standby_slots",
        "synchronous_standby_names",
        "temp_tablespaces",
    ),
    _OPERATOR,
) | {"archive_timeout": ""}


def rules(mode: str, parameters: Mapping[str, str]) -> Iterator[Problem]:
    """`mode` is that of the data tier."""
    for name in parameters:
        reason = (
            "the platform does not run the server (data.mode: external)"
            if mode == "external"
            else _reason(name, PLATFORM) or (mode == "cloudnative-pg" and _reason(name, OPERATED))
        )
        if reason:
            yield Problem(path=f"data.parameters.{name}", allowed=f"no value: {reason}")


def _reason(name: str, owned: Mapping[str, str]) -> str:
    """Why a parameter is refused; empty if it is not. A whole name counts more than a beginning."""
    if name in owned:
        return owned[name]
    reasons = (
        reason
        for pattern, reason in owned.items()
        if pattern.endswith("*") and name.startswith(pattern[:-1])
    )
    return next(reasons, "")
