"""The cache tier: what runs for the settings, and how services connect to it."""

from typing import Any

import pytest

from components.cache import connection
from components.cache.tier import CacheTier
from tests.unit.describing import catalogue, settings
from tests.unit.rendering import Rendered, render

STACK: dict[str, Any] = {
    "cache": {
        "mode": "external",
        "external": {"host": "cache.example.com", "user": "me", "password": "p/w"},
    }
}


def tier(**values: Any) -> CacheTier:
    return CacheTier(settings(values, secret=("cache",)), catalogue())


@pytest.fixture(scope="module")
def external() -> Rendered:
    return render(STACK, secret=("cache",))


def test_by_default_the_platforms_own_server_and_its_exporter_run() -> None:
    assert {"redis", "redis-exporter"} <= {part.name for part in tier().parts}


def test_services_connect_to_the_platforms_own_server() -> None:
    assert tier().connection == connection.to_platform()


def test_with_an_external_server_the_tier_runs_nothing(external: Rendered) -> None:
    assert tier(**STACK).parts == ()
    assert not [name for name in external.containers() if name.startswith("redis")]
    assert not [name for name in external.of_type("RandomPassword") if "redis" in name]


def test_services_connect_to_the_external_server_of_the_settings() -> None:
    server = settings(STACK, secret=("cache",)).cache.external
    assert server
    assert tier(**STACK).connection == connection.to_external(server)
