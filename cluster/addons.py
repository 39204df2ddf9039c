"""The add-ons of every cluster: name service, storage, ingress controller, metrics."""

from collections.abc import Sequence

from cluster import node
from cluster.local_cluster import LocalCluster

APPLY = "/usr/local/lib/cluster/addons"
"""The node's script that applies them; the manifests are in the node's image."""

DEPLOYMENTS = ("coredns", "local-path-provisioner", "skipper", "metrics-server")
READY_SECONDS = 180


def apply(cluster: LocalCluster) -> None:
    """Apply the manifests."""
    node.inside(cluster, APPLY)


def wait(cluster: LocalCluster, workers: Sequence[str]) -> None:
    """Return when every node and every add-on is ready. Raises AirgapError that names the first
    that is not."""
    limit = f"--timeout={READY_SECONDS}s"
    nodes = [f"node/{name}" for name in (cluster.name, *workers)]
    # `kubectl wait` fails at once for an object that does not exist yet, whatever the limit.
    _kubectl(cluster, "wait", "--for=create", *nodes, limit)
    _kubectl(cluster, "wait", "--for=condition=Ready", *nodes, limit)
    for deployment in DEPLOYMENTS:
        _kubectl(cluster, "rollout", "status", f"deployment/{deployment}", limit)


def _kubectl(cluster: LocalCluster, *words: str) -> None:
    node.inside(cluster, "kubectl", "--namespace", "kube-system", *words)
