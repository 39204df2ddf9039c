"""One stack for most of the run, made from nothing and taken away at the end."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.e2e.cluster.throw_away import Cluster
from tests.e2e.kubernetes.stack import NAMESPACE, ClusterStack, made, push_images, settings
from tests.e2e.stack import eventually, said

ENTRY = "e2e-entry"


@pytest.fixture(scope="session")
def stack(cluster: Cluster, pulumi: None) -> Iterator[ClusterStack]:
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


@pytest.fixture(scope="module")
def entry(running: ClusterStack) -> Iterator[str]:
    """The web tier's URL from outside: a NodePort beside its Service, as an Ingress would be."""
    # The policies let in whom they name: here, whoever comes from outside the cluster.
    name = {"name": ENTRY, "namespace": NAMESPACE}
    pods = {"app.kubernetes.io/name": "frontend"}
    running.cluster.apply(
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
    port = running.get("service", ENTRY)["spec"]["ports"][0]["nodePort"]
    url = f"http://{running.node_address()}:{port}"
    eventually(lambda: httpx2.get(f"{url}/api/status").status_code == 200, 60)
    yield url
    running.kubectl("delete", f"service/{ENTRY}", f"networkpolicy/{ENTRY}")
