"""How tests of settings ask what is refused."""

from collections.abc import Mapping
from typing import Any

import pytest

from components.settings import SettingsError
from tests.unit.describing import KUBERNETES, settings

# A server outside the platform; its password is a secret.
SERVER = {"host": "server.example.com", "user": "app", "password": "given"}
REPORTS = "api.services.reports"


def paths(config: Mapping[str, Any], secret: tuple[str, ...] = ()) -> list[str]:
    """The dotted paths of what is wrong; empty for valid settings."""
    try:
        settings(config, secret=secret)
    except SettingsError as error:
        return [problem.path for problem in error.problems]
    return []


def paths_on_both(config: Mapping[str, Any], secret: tuple[str, ...] = ()) -> list[str]:
    """The dotted paths of what is wrong, which are the same on both targets."""
    docker, kubernetes = paths(config, secret), paths({**KUBERNETES, **config}, secret)
    assert docker == kubernetes
    return docker


def refusal(config: Mapping[str, Any]) -> str:
    """The message that refuses the settings."""
    with pytest.raises(SettingsError) as error:
        settings(config)
    return str(error.value)


def service(name: str = "reports", /, **config: Any) -> dict[str, Any]:
    """A stack with a further API service."""
    return {"api": {"services": {name: {"image": "acme/reports:1"} | config}}}
