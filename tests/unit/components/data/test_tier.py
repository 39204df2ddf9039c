"""The data tier: what runs for the settings, and how services connect to it."""

from typing import Any

import pytest

from components.addresses import Address
from components.data import builtin, connection
from components.data.connection import OWNER
from components.data.tier import DataTier
from components.settings import DATABASE_CA
from components.workload import Job, Workload
from tests.unit.describing import KUBERNETES, catalogue, settings
from tests.unit.rendering import Rendered, render

EXTERNAL: dict[str, Any] = {
    "host": "db.example.com",
    "port": 5433,
    "user": "me",
    "password": "p@ss",
    "sslmode": "verify-full",
    "ca": "-----BEGIN CERTIFICATE-----\nMII\n",
}
STACK = {"data": {"mode": "external", "external": EXTERNAL}}


def tier(**values: Any) -> DataTier:
    return DataTier(settings(values, secret=("data",)), catalogue())


def operated(**data: Any) -> DataTier:
    return tier(**KUBERNETES, data={"mode": "cloudnative-pg", "backup": False} | data)


@pytest.fixture(scope="module")
def external() -> Rendered:
    return render(STACK, secret=("data",))


def test_by_default_the_platforms_own_server_its_schema_job_backups_and_its_exporter_run() -> None:
    assert [part.name for part in tier().parts] == [
        "postgres",
        "postgres-schema",
        "backup",
        "postgres-exporter",
    ]


def test_without_backups_no_part_makes_any_and_the_server_waits_for_no_restore() -> None:
    parts = tier(data={"backup": False}).parts
    assert [part.name for part in parts] == ["postgres", "postgres-schema", "postgres-exporter"]
    assert isinstance(parts[0], Workload)
    assert (parts[0].init, parts[0].reaches) == ((), ())


def test_services_reach_the_platforms_own_server_once_its_schema_exists() -> None:
    services = {"backend": {"database": {"shared": "application", "connections": 7}}}
    assert tier(api={"services": services}).connections == {
        "backend": connection.to_platform(
            builtin.SERVER, ("postgres", "postgres-schema"), connections=7
        )
    }


def test_an_operator_signs_in_as_the_owner() -> None:
    login = {"database": "platform", "user": "platform_owner", "password": OWNER}
    assert tier().logins == operated().logins == {"database": login}


def test_with_an_operator_a_cluster_a_schema_job_and_an_exporter_run() -> None:
    assert [part.name for part in operated().parts] == [
        "postgres",
        "postgres-schema",
        "postgres-exporter",
    ]


@pytest.mark.parametrize(
    ("data", "server"), [({}, "postgres-rw"), ({"pooler": {}}, "postgres-pooler")]
)
def test_services_reach_the_primary_or_the_pooler_once_the_schema_exists(
    data: dict[str, Any], server: str
) -> None:
    assert operated(**data).connections["backend"] == connection.to_platform(
        Address(workload=server, port=5432), (server, "postgres-schema"), connections=5
    )


def test_the_job_for_the_databases_of_services_runs_on_both_servers_after_their_schema() -> None:
    services = {"reports": {"image": "acme/reports:1", "database": {}}}
    names = {"backend", "reports"}
    for stack, after in (
        (tier(api={"services": services}), ("postgres", "postgres-schema")),
        (
            tier(
                **KUBERNETES,
                data={"mode": "cloudnative-pg", "backup": False},
                api={"services": services},
            ),
            ("postgres-rw", "postgres-schema"),
        ),
    ):
        (job,) = (part for part in stack.parts if part.name == "postgres-databases")
        assert isinstance(job, Job)
        assert (job.name, job.starts_after) == ("postgres-databases", after)
        assert stack.connections.keys() == names
        assert "database-reports" in stack.logins


def test_the_exporter_of_a_cluster_connects_to_the_primary_and_not_the_pooler() -> None:
    exporter = operated(pooler={}).parts[-1]
    assert isinstance(exporter, Workload)
    assert exporter.reaches == (Address(workload="postgres-rw", port=5432),)


def test_with_an_external_server_the_tier_runs_nothing(external: Rendered) -> None:
    assert tier(**STACK).parts == ()
    assert not {"postgres", "postgres-exporter"} & set(external.containers())
    assert not [name for name in external.of_type("RandomPassword") if "postgres" in name]
    assert "database" not in external.outputs["logins"]


def test_services_connect_to_the_external_server_of_the_settings() -> None:
    server = settings(STACK, secret=("data",)).data.external
    assert server
    assert tier(**STACK).connections["backend"] == connection.to_external(server, connections=5)


def test_the_backend_gets_the_external_servers_address_and_its_authoritys_certificate(
    external: Rendered,
) -> None:
    uploads = external.containers()["backend"]["uploads"]
    contents = {upload["file"]: upload["content"] for upload in uploads}
    url = contents["/run/secrets/database-url"]
    assert url.startswith("postgresql://me:p%40ss@db.example.com:5433/platform?")
    assert contents[DATABASE_CA] == EXTERNAL["ca"]
