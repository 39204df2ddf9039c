"""The database that an operator runs: the server with standbys, and the job for the schema."""

from typing import Any

import pytest

from components.addresses import Address
from components.data import cloudnative_pg
from components.operated import PostgresCluster
from tests.unit.describing import KUBERNETES, catalogue, settings


def cluster(**data: Any) -> PostgresCluster:
    values = {**KUBERNETES, "data": {"mode": "cloudnative-pg", "backup": False} | data}
    return cloudnative_pg.cluster(settings(values), catalogue())


def test_the_settings_size_the_cluster() -> None:
    server = cluster(size="20Gi", wal_size="4Gi", instances=5, memory="2Gi", cpu=2)
    assert (server.size, server.wal_size, server.instances) == ("20Gi", "4Gi", 5)
    assert server.parameters["shared_buffers"] == "512MB"
    assert server.parameters["max_wal_size"] == "819MB"
    assert server.shared_memory == 1024
    assert server.resources.memory == 2048


@pytest.mark.parametrize(("instances", "durability"), [(2, "preferred"), (3, "required")])
def test_writes_require_a_standby_if_there_is_more_than_one(
    instances: int, durability: str
) -> None:
    assert cluster(instances=instances).durability == durability


def test_the_poolers_share_the_servers_connections() -> None:
    pooler = cluster(pooler={"instances": 3}, max_connections=99).pooler
    assert pooler
    assert pooler.connections == (99 - 6) // 3
    assert pooler.mode == "session"


def test_the_poolers_leave_the_connections_of_databases_that_they_do_not_lead_to() -> None:
    services = {"reports": {"image": "acme/reports:1", "database": {"connections": 4}}}
    values = {
        **KUBERNETES,
        "data": {"mode": "cloudnative-pg", "backup": False, "pooler": {"instances": 3}},
        "api": {"services": services},
    }
    pooler = cloudnative_pg.cluster(settings(values), catalogue()).pooler
    assert pooler
    # One replica, one more in a roll-out, and one for a step beside them.
    assert pooler.connections == (100 - 6 - 3 * 4) // 3


def test_services_connect_to_the_pooler_or_without_one_to_the_primary() -> None:
    assert cluster().entry == cluster().primary == Address(workload="postgres-rw", port=5432)
    assert cluster(pooler={}).entry == Address(workload="postgres-pooler", port=5432)


def test_instances_and_poolers_have_their_own_scrape_jobs() -> None:
    """`ai-platform-postgres` stays the job of the exporter, which every rule uses."""
    targets = cluster(pooler={"instances": 2}).scrape_targets()
    assert [(target.job, target.address.port, target.replicas) for target in targets] == [
        ("ai-platform-postgres-instances", 9187, 3),
        ("ai-platform-postgres-pooler", 9127, 2),
    ]
    assert [target.name for target in cluster().scrape_targets()] == ["postgres-instances"]
