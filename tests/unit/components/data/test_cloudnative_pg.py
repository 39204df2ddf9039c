"""The database that an operator runs: the server with standbys, and the job for the schema."""

from typing import Any

import pytest

from components.addresses import Address, Outside
from components.container import Resources
from components.data import cloudnative_pg
from components.operated import Archive, PostgresCluster, Recovery
from components.text import Secret
from tests.unit.cases import BUCKET, LOGIN_AT_BUCKET
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


def archiving(**backup: Any) -> PostgresCluster:
    values = {
        **KUBERNETES,
        "kubernetes": {"secrets": LOGIN_AT_BUCKET},
        "data": {"mode": "cloudnative-pg", "backup": {"offsite": BUCKET, **backup}},
    }
    return cloudnative_pg.cluster(settings(values), catalogue())


def test_the_settings_of_backups_describe_the_operators_archive() -> None:
    recover = {"server_name": "first", "at": "2026-11-24 21:00:00"}
    cluster = archiving(
        schedule="0 1 * * 0",
        retention={"days": 30},
        operator={"server_name": "second", "recover": recover, "memory": "2Gi", "cpu": 1},
    )
    assert cluster.archive == Archive(
        server="second",
        path="s3://acme-backups/prod/cloudnative-pg",
        endpoint="https://s3.example.com:9000",
        reach=Outside(name="backup-bucket", ports=(9000,), cidrs=("198.51.100.9/32",)),
        access_key=Secret(name="backup-access-key", keep=True),
        secret_key=Secret(name="backup-secret-key", keep=True),
        region="eu-central-1",
        ca=BUCKET["ca"],
        schedule="0 1 * * 0",
        gap=7 * 24 * 3600,
        days=30,
        resources=Resources(memory=2048, cpu=1),
        recovery=Recovery(server="first", at="2026-11-24T21:00:00Z"),
    )
    assert {text.name for text in cluster.texts()} > {"backup-access-key", "backup-secret-key"}


def test_the_instances_job_knows_when_backups_are_due() -> None:
    """The operator and its plugin do not export it."""

    def schedules(cluster: PostgresCluster) -> list[dict[str, int]]:
        return [dict(target.schedules) for target in cluster.scrape_targets()]

    assert schedules(cluster()) == [{}]
    assert schedules(archiving()) == [{"backup": 24 * 3600, "offsite": 360}]
