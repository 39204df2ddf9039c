"""Helpers with which tests of settings check errors."""

from collections.abc import Mapping
from typing import Any

import pytest

from components.settings import SettingsError
from tests.unit.describing import KUBERNETES, settings

# A server outside the platform; its password is a secret.
SERVER = {"host": "server.example.com", "user": "app", "password": "given"}
REPORTS = "api.services.reports"


def paths(config: Mapping[str, Any], secret: tuple[str, ...] = ()) -> list[str]:
    """The dotted paths of wrong settings; empty if the settings are valid."""
    try:
        settings(config, secret=secret)
    except SettingsError as error:
        return [problem.path for problem in error.problems]
    return []


def paths_on_both(config: Mapping[str, Any], secret: tuple[str, ...] = ()) -> list[str]:
    """The dotted paths of wrong settings, which are the same on both targets."""
    docker, kubernetes = paths(config, secret), paths({**KUBERNETES, **config}, secret)
    assert docker == kubernetes
    return docker


def refusal(config: Mapping[str, Any]) -> str:
    """The error message for these settings."""
    with pytest.raises(SettingsError) as error:
        settings(config)
    return str(error.value)


def service(name: str = "reports", /, **config: Any) -> dict[str, Any]:
    """A stack with an additional API service."""
    return {"api": {"services": {name: {"image": "acme/reports:1"} | config}}}
