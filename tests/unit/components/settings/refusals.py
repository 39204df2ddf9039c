"""How tests of settings ask what is refused."""

from collections.abc import Mapping
from typing import Any

import pytest

from components.settings import SettingsError
from tests.unit.describing import KUBERNETES, settings

# A server outside the platform; its password is a secret.
SERVER = {"host": "server.example.com", "user": "app", "password": "given"}
REPORTS = "api.services.reports"


def paths(given: Mapping[str, Any], secret: tuple[str, ...] = ()) -> list[str]:
    """The dotted paths of what is wrong; empty for valid settings."""
    try:
        settings(given, secret=secret)
    except SettingsError as error:
        return [problem.path for problem in error.problems]
    return []


def paths_on_both(given: Mapping[str, Any], secret: tuple[str, ...] = ()) -> list[str]:
    """The dotted paths of what is wrong, which are the same on both targets."""
    docker, kubernetes = paths(given, secret), paths({**KUBERNETES, **given}, secret)
    assert docker == kubernetes
    return docker


def refusal(given: Mapping[str, Any]) -> str:
    """The message that refuses the settings."""
    with pytest.raises(SettingsError) as error:
        settings(given)
    return str(error.value)


def service(name: str = "reports", /, **given: Any) -> dict[str, Any]:
    """A stack with a further API service."""
    return {"api": {"services": {name: {"image": "acme/reports:1"} | given}}}
