"""Which databases a service may have, and how many connections."""

from typing import Any

import pytest

from components.settings import connection_limit, database_name
from components.settings.database import RESERVED_DATABASES
from tests.unit.components.settings.refusals import (
    REPORTS,
    SERVER,
    paths,
    paths_on_both,
    refusal,
    service,
)
from tests.unit.describing import KUBERNETES, settings

EXTERNAL = {"mode": "external", "external": SERVER}


def limit(**reports: Any) -> int:
    """The connections of the service `reports` on a cluster."""
    stack = settings({**KUBERNETES, **service(**reports)})
    reports_service = stack.api.services["reports"]
    assert reports_service.database
    return connection_limit(stack, reports_service, reports_service.database)


def test_a_database_is_named_after_its_service_without_dashes() -> None:
    assert database_name("sales-eu") == "sales_eu"


@pytest.mark.parametrize("name", [*RESERVED_DATABASES, "pg-stats"])
def test_a_service_whose_database_would_have_a_reserved_name_is_refused(name: str) -> None:
    assert paths_on_both(service(name, database={})) == [f"api.services.{name}"]
    assert paths_on_both(service(name, database={"shared": "application"})) == []
    assert paths_on_both(service(name)) == []


def test_a_refused_name_is_explained() -> None:
    assert "the server has a database of this name" in refusal(service("postgres", database={}))


def test_external_servers_get_no_database_and_no_role() -> None:
    for database in ({}, {"shared": "read-only"}):
        config = service(database=database) | {"data": EXTERNAL}
        assert paths(config, ("data",)) == [f"{REPORTS}.database"]
    shared = service(database={"shared": "application"}) | {"data": EXTERNAL}
    assert paths(shared, ("data",)) == []


@pytest.mark.parametrize("shared", ["application", "read-only"])
@pytest.mark.parametrize(
    "own",
    [
        {"statement_timeout": 5},
        {"idle_in_transaction_timeout": None},
        {"extensions": []},
        {"login": "a"},
    ],
)
def test_what_only_a_database_of_its_own_has_is_refused_for_a_shared_one(
    shared: str, own: dict[str, Any]
) -> None:
    (key,) = own
    config = service(database={"shared": shared, "connections": 3} | own)
    assert paths_on_both(config) == [f"{REPORTS}.database.{key}"]


def test_an_extensions_name_is_a_name() -> None:
    assert paths_on_both(service(database={"extensions": ["uuid-ossp", "pg_trgm"]})) == []
    for name in ("a,b", "it's", "A"):
        assert paths_on_both(service(database={"extensions": [name]})) == [
            f"{REPORTS}.database.extensions.0"
        ]


def test_a_database_of_its_own_has_the_connections_of_one_replica_more() -> None:
    """Four replicas, one more in a roll-out, and one for a step beside them."""
    assert limit(replicas=4, database={"connections": 3}) == 18
    assert limit(replicas=4, database={"connections": 3, "shared": "read-only"}) == 15
    assert limit(data_volume={}, database={}) == 10
