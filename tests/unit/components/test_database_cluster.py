"""The database as an operator's cluster: the server with standbys, and the job that fills it."""

from typing import Any

import pytest

from components import database, database_cluster
from components.operated import PostgresCluster
from components.settings import Settings
from components.workload import Address
from tests.unit.describing import ROOT, catalogue, settings


def wanted(**data: Any) -> Settings:
    return settings(
        {
            "target": "kubernetes",
            "images": {"repository": "registry.example.com/acme"},
            "data": {"mode": "cloudnative-pg"} | data,
        }
    )


def cluster(**data: Any) -> PostgresCluster:
    return database_cluster.cluster(wanted(**data), catalogue())


def test_the_settings_size_the_cluster() -> None:
    found = cluster(size="20Gi", wal_size="4Gi", instances=5, memory="2Gi", cpu=2)
    assert (found.size, found.wal_size, found.instances) == ("20Gi", "4Gi", 5)
    assert found.parameters["shared_buffers"] == "512MB"
    assert found.resources.memory == 2048


@pytest.mark.parametrize(("instances", "durability"), [(2, "preferred"), (3, "required")])
def test_writes_wait_for_a_standby_where_another_could_take_its_place(
    instances: int, durability: str
) -> None:
    assert cluster(instances=instances).durability == durability


def test_services_reach_the_primary_or_the_pooler_once_the_schema_is_there() -> None:
    hosts: tuple[tuple[dict[str, Any], str], ...] = (
        ({}, "ai-platform-postgres-rw"),
        ({"pooler": {}}, "ai-platform-postgres-pooler"),
    )
    for given, host in hosts:
        described = cluster(**given)
        schema = database_cluster.schema(described, catalogue())
        connection = database_cluster.connection(described, schema)
        assert connection.url.fill({"postgres-app-password": "pw"}) == (
            f"postgresql://platform_app:pw@{host}:5432/platform"
        )
        assert connection.reach == described.entry
        assert connection.starts_after == (described.entry.workload, "postgres-schema")


def test_the_poolers_share_the_servers_connections() -> None:
    pooler = cluster(pooler={"instances": 3}, max_connections=99).pooler
    assert pooler
    assert pooler.connections == (99 - 6) // 3
    assert pooler.mode == "session"


def test_the_schema_is_made_by_the_scripts_of_the_builtin_server_and_the_operators_own() -> None:
    schema = database_cluster.schema(cluster(), catalogue())
    scripts = {
        file.path: file.content.template
        for file in schema.files
        if file.path.startswith(database_cluster.SCRIPTS)
    }
    source = ROOT / "database"
    assert scripts == {
        f"{database_cluster.SCRIPTS}/{path.name}": path.read_text()
        for path in [*(source / "init").iterdir(), *(source / "cloudnative-pg").iterdir()]
    }


def test_the_schema_is_made_on_the_primary_as_the_superuser() -> None:
    schema = database_cluster.schema(cluster(pooler={}), catalogue())
    assert schema.env["PGHOST"] == "ai-platform-postgres-rw"
    assert schema.env["PGUSER"] == "postgres"
    assert schema.reaches == (Address(workload="postgres-rw", port=5432),)
    assert schema.starts_after == ("postgres-rw",)
    assert schema.schedule is None
    assert schema.asked_by == "data.mode: cloudnative-pg"


def test_every_password_that_the_scripts_read_is_a_file() -> None:
    schema = database_cluster.schema(cluster(), catalogue())
    paths = {file.path for file in schema.files}
    assert {
        each.path
        for each in (database.SUPERUSER, database.OWNER, database.APPLICATION, database.MONITOR)
    } <= paths
    assert database.SUPERUSER.path in schema.entrypoint[2]
    assert "--set ON_ERROR_STOP=1" in schema.entrypoint[2]


def test_instances_and_poolers_are_watched_apart_from_the_server() -> None:
    """`ai-platform-postgres` stays the job of the exporter, which every rule asks."""
    found = {each.name: each for each in cluster(pooler={"instances": 2}).watched()}
    assert {name: (each.address.port, each.expected) for name, each in found.items()} == {
        "postgres-instances": (9187, 3),
        "postgres-pooler": (9127, 2),
    }
    assert [each.name for each in cluster().watched()] == ["postgres-instances"]
