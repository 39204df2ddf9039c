"""What runs on every cluster: the name service and the storage provisioner."""

from airgap.cluster import node
from airgap.cluster.place import Place

MANIFESTS = "/etc/cluster/manifests"
DEPLOYMENTS = ("coredns", "local-path-provisioner")
READY_SECONDS = 180


def apply(place: Place) -> None:
    """Hand the objects to the API server; they are in the node's image."""
    node.inside(place, "kubectl", "apply", "--server-side", "--filename", MANIFESTS)
    # The objects are kubeadm's own; one replica is enough for one node.
    node.inside(place, "kubeadm", "init", "phase", "addon", "coredns", "--config", node.KUBEADM)
    _kubectl(place, "scale", "deployment/coredns", "--replicas=1")


def wait(place: Place) -> None:
    """Return when pods can run. Raises AirgapError with what is not ready."""
    limit = f"--timeout={READY_SECONDS}s"
    _kubectl(place, "wait", "--for=condition=Ready", f"node/{place.name}", limit)
    for deployment in DEPLOYMENTS:
        _kubectl(place, "rollout", "status", f"deployment/{deployment}", limit)


def _kubectl(place: Place, *words: str) -> None:
    node.inside(place, "kubectl", "--namespace", "kube-system", *words)
