"""What runs on every cluster: name service, storage provisioner, ingress controller, metrics."""

from collections.abc import Sequence

from cluster import node
from cluster.local_cluster import LocalCluster

APPLY = "/usr/local/lib/cluster/addons"
"""The node's own script; the objects are in its image."""

DEPLOYMENTS = ("coredns", "local-path-provisioner", "skipper", "metrics-server")
READY_SECONDS = 180


def apply(local: LocalCluster) -> None:
    """Hand the objects to the API server."""
    node.inside(local, APPLY)


def wait(local: LocalCluster, workers: Sequence[str]) -> None:
    """Return when pods can run on every node. Raises AirgapError with what is not ready."""
    limit = f"--timeout={READY_SECONDS}s"
    nodes = [f"node/{name}" for name in (local.name, *workers)]
    # A condition of what is not there yet is an error, whatever the limit.
    _kubectl(local, "wait", "--for=create", *nodes, limit)
    _kubectl(local, "wait", "--for=condition=Ready", *nodes, limit)
    for deployment in DEPLOYMENTS:
        _kubectl(local, "rollout", "status", f"deployment/{deployment}", limit)


def _kubectl(local: LocalCluster, *words: str) -> None:
    node.inside(local, "kubectl", "--namespace", "kube-system", *words)
