"""One stack and one cluster for most tests, created at the start and removed at the end.

With two workers (`pytest -n 2`) the tests of the two targets run in parallel: they share nothing,
and both mostly wait.
"""

from collections.abc import Iterator

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from operations import machine_choices, pulumi_installation
from tests.e2e.cluster.temporary import Cluster, temporary_cluster
from tests.e2e.stack import Stack, output_of, temporary_stack

# What needs a cluster runs on one worker. The tests of the web tier, with containers of their own,
# run there too, because the worker of the Docker stacks has more to do.
SECOND_WORKER = (
    "tests/e2e/cluster/",
    "tests/e2e/kubernetes/",
    "tests/e2e/test_plan.py",
    "tests/e2e/web/",
)


class OneWorkerPerTarget(LoadScopeScheduling):  # type: ignore[misc]
    """Runs all tests of a target on one worker."""

    def _split_scope(self, nodeid: str) -> str:
        return "kubernetes" if nodeid.startswith(SECOND_WORKER) else "docker"


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> OneWorkerPerTarget:
    return OneWorkerPerTarget(config, log)


@pytest.fixture(scope="session")
def new_stack() -> Iterator[Stack]:
    """A stack with its file and state, before its first `up`."""
    with temporary_stack("e2e") as new_stack:
        yield new_stack


@pytest.fixture(scope="session")
def stack(new_stack: Stack) -> Stack:
    """A healthy stack, whose first `up` warned of nothing."""
    result = new_stack.up()
    assert result.returncode == 0, output_of(result)
    assert "warning" not in output_of(result), output_of(result)
    return new_stack


@pytest.fixture(scope="session")
def pulumi() -> None:
    """Installs the Pulumi CLI and the plugins for clusters; `make up` installs those for Docker."""
    pulumi_installation.ensure("kubernetes", machine_choices.for_clusters(print), print)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A Kubernetes cluster of two nodes; the tests of the cluster itself use another one."""
    with temporary_cluster("ai-platform-e2e", nodes=2) as cluster:
        yield cluster
