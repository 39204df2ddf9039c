"""The servers that the platform does not run."""

import pytest

from tests.unit.components.settings.refusals import SERVER, paths
from tests.unit.describing import settings


@pytest.mark.parametrize("tier", ["data", "cache"])
def test_an_external_server_and_its_mode_require_each_other(tier: str) -> None:
    assert paths({tier: {"mode": "external", "external": SERVER}}, (tier,)) == []
    assert paths({tier: {"mode": "external"}}) == [f"{tier}.external"]
    assert paths({tier: {"external": SERVER}}, (tier,)) == [f"{tier}.mode"]


@pytest.mark.parametrize("host", ["my_db", "DB.internal", "db.internal.", "192.0.2.1"])
def test_an_external_server_can_have_any_name_that_a_resolver_accepts(host: str) -> None:
    server = {"mode": "external", "external": {"host": host, "user": "u", "password": "p"}}
    external = settings({"cache": server}, secret=("cache",)).cache.external
    assert external is not None
    assert external.host == host
