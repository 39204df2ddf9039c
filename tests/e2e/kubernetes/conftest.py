"""One stack for most of the run, made from nothing and taken away at the end."""

from collections.abc import Iterator

import pytest

from tests.e2e.cluster.place import Cluster
from tests.e2e.kubernetes.stack import ClusterStack, made, push_images, settings
from tests.e2e.stack import said


@pytest.fixture(scope="session")
def stack(cluster: Cluster) -> Iterator[ClusterStack]:
    """The stack's file and state, and its images in the registry; nothing runs yet."""
    push_images(settings(cluster))
    with made("e2e-cluster", cluster) as stack:
        yield stack


@pytest.fixture(scope="session")
def running(stack: ClusterStack) -> ClusterStack:
    """The stack, up and ready."""
    result = stack.up()
    assert result.returncode == 0, said(result)
    return stack
