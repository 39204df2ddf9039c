"""Which parts of a stack write to its database, and which jobs a release runs on it."""

from typing import Any

import pytest

from components.data import builtin
from operations import parts
from tests.unit.describing import KUBERNETES, settings

STACK: dict[str, Any] = {
    "data": {"decisions": {"retention": "90d"}},
    "api": {
        "services": {
            "sales": {
                "image": "acme/sales:1",
                "database": {},
                "release": {"command": ["migrate"]},
                "jobs": {"tidy": {"schedule": "* * * * *", "command": ["tidy"]}},
            },
            "page": {"image": "acme/page:1"},
        }
    },
}


@pytest.mark.parametrize("target", [{}, KUBERNETES])
def test_writers_keep_running_or_run_on_a_schedule_and_reach_the_server(
    target: dict[str, Any],
) -> None:
    """Neither the exporter of the server, nor Prometheus, which scrapes the server's volume."""
    described = parts.described(settings({**target, **STACK}), "dev")
    assert parts.writers(described, builtin.SERVER, "backup") == [
        "postgres-retention",
        "backend",
        "sales",
        "sales-tidy",
    ]


def test_releases_are_the_jobs_that_run_once_in_the_order_of_an_update() -> None:
    described = parts.described(settings(STACK), "dev")
    releases = parts.releases(described, builtin.SERVER)
    assert [job.name for job in releases] == [
        "postgres-schema",
        "postgres-databases",
        "sales-release",
    ]
