"""One stack and one cluster for most of the run, made from nothing and taken away at the end.

With two workers (`pytest -n 2`) what runs on Docker and what needs the cluster's programs run at
once: they share nothing, and each mostly waits.
"""

from collections.abc import Iterator

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from operations import machine_choices, pulumi_installation
from tests.e2e.cluster.temporary import Cluster, temporary_cluster
from tests.e2e.stack import Stack, output_of, temporary_stack

OF_CLUSTERS = ("tests/e2e/cluster/", "tests/e2e/kubernetes/", "tests/e2e/test_plan.py")


class Halves(LoadScopeScheduling):  # type: ignore[misc]
    """One worker for each target."""

    def _split_scope(self, nodeid: str) -> str:
        return "kubernetes" if nodeid.startswith(OF_CLUSTERS) else "docker"


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Halves:
    return Halves(config, log)


@pytest.fixture(scope="session")
def new_stack() -> Iterator[Stack]:
    """The stack's file and state; nothing runs yet."""
    with temporary_stack("e2e") as new_stack:
        yield new_stack


@pytest.fixture(scope="session")
def stack(new_stack: Stack) -> Stack:
    """The stack, up and healthy."""
    result = new_stack.up()
    assert result.returncode == 0, output_of(result)
    return new_stack


@pytest.fixture(scope="session")
def pulumi() -> None:
    """The Pulumi CLI and the plugins for stacks on clusters; `make up` had those for Docker."""
    pulumi_installation.ensure("kubernetes", machine_choices.for_clusters(print), print)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A Kubernetes cluster of two nodes; the tests of the cluster itself have another one."""
    with temporary_cluster("ai-platform-e2e", nodes=2) as cluster:
        yield cluster
