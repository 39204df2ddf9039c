"""One stack and one cluster for most of the run, made from nothing and taken away at the end.

With two workers (`pytest -n 2`) what runs on Docker and what needs the cluster's programs run at
once: they share nothing, and each mostly waits.
"""

from collections.abc import Iterator

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from operations import machine_choices, pulumi_installation
from tests.e2e.cluster import throw_away
from tests.e2e.cluster.throw_away import Cluster
from tests.e2e.stack import Stack, made, said

OF_CLUSTERS = ("tests/e2e/cluster/", "tests/e2e/kubernetes/", "tests/e2e/test_plan.py")


class Halves(LoadScopeScheduling):  # type: ignore[misc]
    """One worker for each target."""

    def _split_scope(self, nodeid: str) -> str:
        return "kubernetes" if nodeid.startswith(OF_CLUSTERS) else "docker"


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Halves:
    return Halves(config, log)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The stack's file and state; nothing runs yet."""
    with made("e2e") as stack:
        yield stack


@pytest.fixture(scope="session")
def running(stack: Stack) -> Stack:
    """The stack, up and healthy."""
    result = stack.up()
    assert result.returncode == 0, said(result)
    return stack


@pytest.fixture(scope="session")
def pulumi() -> None:
    """The Pulumi CLI and the plugins for stacks on clusters; `make up` had those for Docker."""
    pulumi_installation.ensure("kubernetes", machine_choices.for_clusters(print), print)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A Kubernetes cluster of two nodes; the tests of the cluster itself have another one."""
    with throw_away.made("ai-platform-e2e", nodes=2) as cluster:
        yield cluster
