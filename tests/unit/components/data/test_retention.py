"""The job that removes old decisions; tests/e2e/contracts/test_server.py runs it."""

from typing import Any

import pytest

from components.addresses import Address
from components.data import retention
from components.data.tier import DataTier
from components.workload import Job
from tests.unit.components.settings.refusals import SERVER, paths, refusal
from tests.unit.describing import KUBERNETES, catalogue, settings

NINETY = {"decisions": {"retention": "90d"}}


def jobs(stack: dict[str, Any]) -> list[Job]:
    parts = DataTier(settings(stack), catalogue()).parts
    return [part for part in parts if isinstance(part, Job) and part.name == retention.JOB]


@pytest.mark.parametrize(
    ("stack", "server", "ports"),
    [
        ({"data": NINETY}, "postgres", 1),
        ({**KUBERNETES, "data": NINETY}, "postgres", 0),
        (
            {**KUBERNETES, "data": {"mode": "cloudnative-pg", "backup": False, **NINETY}},
            "postgres-rw",
            0,
        ),
    ],
    ids=["docker", "kubernetes", "operated"],
)
def test_it_runs_on_a_schedule_as_the_owner_once_the_table_exists(
    stack: dict[str, Any], server: str, ports: int
) -> None:
    (job,) = jobs(stack)
    assert job.schedule
    assert job.env["PGUSER"] == "platform_owner"
    assert job.reaches == (Address(workload=server, port=5432),)
    assert job.starts_after == (server, "postgres-schema")
    # On an engine, Prometheus scrapes how its runs end.
    assert len(job.ports) == ports
    assert "--set age='90 days'" in job.entrypoint[2]


def test_a_run_has_half_an_hour_and_ends_before_the_next_one() -> None:
    (job,) = jobs({"data": NINETY})
    minute, *others = (job.schedule or "").split()
    assert minute.isdigit()
    assert others == ["*"] * 4
    assert 30 * 60 <= job.limit < 60 * 60


def test_without_a_retention_decisions_are_kept_for_ever() -> None:
    assert jobs({}) == []


@pytest.mark.parametrize("wrong", ["90", "0d", "12h", "-1d", "1d; drop table"])
def test_the_retention_is_a_number_of_days(wrong: str) -> None:
    assert paths({"data": {"decisions": {"retention": wrong}}}) == ["data.decisions.retention"]


def test_the_platform_removes_nothing_from_a_server_of_others() -> None:
    external = {"mode": "external", "external": SERVER, **NINETY}
    assert paths({"data": external}, ("data",)) == ["data.decisions.retention"]


def test_its_connection_is_counted() -> None:
    services = {"backend": {"database": {"shared": "application", "connections": 20}}}
    data = {"max_connections": 26, "backup": False} | NINETY
    stack = {"data": data, "api": {"services": services}}
    assert "at least 27: 6 for superusers, exporter and health check, 1 for the retention of " in (
        refusal(stack)
    )
