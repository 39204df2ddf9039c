"""One stack and one cluster for most of the run, made from nothing and taken away at the end.

What runs on Docker shares nothing with what needs the cluster's programs, so that with two workers
(`pytest -n 2 --dist loadgroup`) the two halves run at once: each mostly waits.
"""

from collections.abc import Iterator

import pytest

from operations import choice, programs
from tests.e2e.cluster import place
from tests.e2e.cluster.place import Cluster
from tests.e2e.stack import Stack, made, said


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        assert isinstance(item, pytest.Function)
        half = "kubernetes" if {"pulumi", "cluster"} & set(item.fixturenames) else "docker"
        item.add_marker(pytest.mark.xdist_group(half))


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
    programs.ensure("kubernetes", choice.for_clusters(print), print)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A Kubernetes cluster of two nodes; the tests of the cluster itself have another one."""
    with place.made("ai-platform-e2e", nodes=2) as cluster:
        yield cluster
