"""What runs on every cluster: name service, storage provisioner, ingress controller, metrics."""

from collections.abc import Sequence

from airgap.cluster import node
from airgap.cluster.place import Place

APPLY = "/usr/local/lib/cluster/addons"
"""The node's own script; the objects are in its image."""

DEPLOYMENTS = ("coredns", "local-path-provisioner", "skipper", "metrics-server")
READY_SECONDS = 180


def apply(place: Place) -> None:
    """Hand the objects to the API server."""
    node.inside(place, APPLY)


def wait(place: Place, workers: Sequence[str]) -> None:
    """Return when pods can run on every node. Raises AirgapError with what is not ready."""
    limit = f"--timeout={READY_SECONDS}s"
    nodes = [f"node/{name}" for name in (place.name, *workers)]
    # A condition of what is not there yet is an error, whatever the limit.
    _kubectl(place, "wait", "--for=create", *nodes, limit)
    _kubectl(place, "wait", "--for=condition=Ready", *nodes, limit)
    for deployment in DEPLOYMENTS:
        _kubectl(place, "rollout", "status", f"deployment/{deployment}", limit)


def _kubectl(place: Place, *words: str) -> None:
    node.inside(place, "kubectl", "--namespace", "kube-system", *words)
