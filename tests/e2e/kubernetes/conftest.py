"""One stack for most tests, created at the start and removed at the end."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.e2e.cluster.temporary import Cluster
from tests.e2e.kubernetes.stack import (
    NAMESPACE,
    ClusterStack,
    push_images,
    settings,
    temporary_cluster_stack,
)
from tests.e2e.stack import eventually, output_of

ENTRY = "e2e-entry"


@pytest.fixture(scope="session")
def new_stack(cluster: Cluster, pulumi: None) -> Iterator[ClusterStack]:
    """A stack with its file, state and images in the registry, before its first `up`."""
    push_images(settings(cluster))
    with temporary_cluster_stack("e2e-cluster", cluster) as new_stack:
        yield new_stack


@pytest.fixture(scope="session")
def stack(new_stack: ClusterStack) -> ClusterStack:
    """A stack whose pods are ready, and whose first `up` warned of nothing."""
    result = new_stack.up()
    assert result.returncode == 0, output_of(result)
    assert "warning" not in output_of(result), output_of(result)
    return new_stack


@pytest.fixture(scope="module")
def entry(stack: ClusterStack) -> Iterator[str]:
    """The web tier's URL from outside: a NodePort, in place of an Ingress."""
    # A NetworkPolicy admits traffic from outside the cluster.
    name = {"name": ENTRY, "namespace": NAMESPACE}
    pods = {"app.kubernetes.io/name": "gateway"}
    stack.cluster.apply(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": name,
            "spec": {"type": "NodePort", "selector": pods, "ports": [{"port": 8080}]},
        },
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": name,
            "spec": {
                "podSelector": {"matchLabels": pods},
                "ingress": [{"ports": [{"port": 8080}]}],
            },
        },
    )
    port = stack.get("service", ENTRY)["spec"]["ports"][0]["nodePort"]
    url = f"http://{stack.node_address()}:{port}"
    eventually(lambda: httpx2.get(f"{url}/api/status").status_code == 200, 60)
    yield url
    stack.kubectl("delete", f"service/{ENTRY}", f"networkpolicy/{ENTRY}")
