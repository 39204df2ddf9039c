"""The job that brings the roles and the schema to the built-in server and to an operator's."""

from typing import Any

import pytest

from components.addresses import Address
from components.data import cloudnative_pg, connection, schema
from components.data.tier import DataTier
from components.workload import Job
from tests.unit.describing import KUBERNETES, ROOT, catalogue, settings

DIRECTORY = "/etc/postgres-schema/"
STACKS: dict[str, dict[str, Any]] = {
    "builtin": {"data": {"mode": "builtin"}},
    "no backups": {"data": {"backup": False}},
    "cloudnative-pg": {
        **KUBERNETES,
        "data": {"mode": "cloudnative-pg", "backup": False, "pooler": {}},
    },
}


def job(mode: str) -> Job:
    """The job of a stack in this mode of the data tier."""
    tier = DataTier(settings(STACKS[mode]), catalogue())
    (job,) = (part for part in tier.parts if part.name == schema.JOB)
    assert isinstance(job, Job)
    return job


def scripts(job: Job) -> dict[str, str]:
    return {
        file.path.removeprefix(DIRECTORY): file.content.template
        for file in job.files
        if file.path.startswith(DIRECTORY)
    }


def sources(directory: str) -> dict[str, str]:
    return {path.name: path.read_text() for path in (ROOT / directory).iterdir()}


@pytest.mark.parametrize(
    ("mode", "directories"),
    [
        ("builtin", [schema.SCRIPTS, "database/backup"]),
        ("no backups", [schema.SCRIPTS, "database/without-backup"]),
        ("cloudnative-pg", [schema.SCRIPTS, cloudnative_pg.SCRIPTS]),
    ],
)
def test_it_runs_every_script_of_the_server_in_order(mode: str, directories: list[str]) -> None:
    expected: dict[str, str] = {}
    for directory in directories:
        expected |= sources(directory)
    actual = scripts(job(mode))
    includes = actual.pop("all.sql").splitlines()
    assert actual == expected
    # The others are included by these.
    numbered = sorted(name for name in expected if name[0].isdigit())
    assert includes == [f"\\ir {name}" for name in numbered]


@pytest.mark.parametrize(
    ("mode", "server"), [("builtin", "postgres"), ("cloudnative-pg", "postgres-rw")]
)
def test_it_connects_to_the_primary_as_the_superuser_once_the_server_runs(
    mode: str, server: str
) -> None:
    setup = job(mode)
    assert setup.env["PGHOST"] == f"ai-platform-{server}"
    assert setup.env["PGUSER"] == "postgres"
    # A lock that others wait for is given up, and the next try asks again.
    # The databases of services may have functions that the superuser must not call.
    assert setup.env["PGOPTIONS"] == "-clock_timeout=10s -csearch_path=pg_catalog"
    assert setup.reaches == (Address(workload=server, port=5432),)
    assert setup.starts_after == (server,)
    assert setup.schedule is None
    assert setup.asked_by == f"data.mode: {mode}"


@pytest.mark.parametrize("mode", STACKS)
def test_every_password_that_the_scripts_read_is_a_file(mode: str) -> None:
    setup = job(mode)
    paths = {file.path for file in setup.files}
    assert {password.path for password in schema.ROLES} <= paths
    assert (connection.BACKUP.path in paths) == (mode == "builtin")
    shell = setup.entrypoint[2]
    assert f"cat {connection.SUPERUSER.path}" in shell
    assert "--set ON_ERROR_STOP=1" in shell


@pytest.mark.parametrize("mode", STACKS)
def test_services_start_after_it(mode: str) -> None:
    stack: dict[str, Any] = STACKS[mode]
    connections = DataTier(settings(stack), catalogue()).connections
    assert schema.JOB in connections["backend"].starts_after
