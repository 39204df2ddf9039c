"""The first node: it runs the control plane, the registry and pods, and holds all volumes."""

import time
from typing import Any

import yaml

from airgap import engine_images
from airgap.command import LAST_LINES, AirgapError, run, succeeds
from airgap.report import Report
from cluster import images, kubeconfig, node_container
from cluster.local_cluster import LocalCluster

READY_SECONDS = 180.0
"""A first start took 20 s on two idle cores."""

ANSWER_SECONDS = 10.0
LOGS = "/var/log/cluster"
ADMIN = "/etc/kubernetes/super-admin.conf"


def start(cluster: LocalCluster, report: Report) -> None:
    """Start the node, in a new container where the old one has another image or other ports.

    Raises AirgapError where the container does not start, for example because another program
    uses a port.
    """
    image = engine_images.expect(images.NODE.reference)
    node_container.create(cluster.name, creation(cluster, image.id), report)
    try:
        node_container.start(cluster.name, report)
    except AirgapError as error:
        raise AirgapError(
            f"{error}\nIf another program uses a port, choose others: API_PORT={cluster.ports.api} "
            f"REGISTRY_PORT={cluster.ports.registry} HTTP_PORT={cluster.ports.http} "
            f"HTTPS_PORT={cluster.ports.https}"
        ) from error


def creation(cluster: LocalCluster, image: str) -> list[str]:
    """The arguments of `docker create`."""
    ports = [
        f"--publish=127.0.0.1:{cluster.ports.api}:6443",
        f"--publish=127.0.0.1:{cluster.ports.registry}:5000",
        f"--publish=127.0.0.1:{cluster.ports.http}:80",
        f"--publish=127.0.0.1:{cluster.ports.https}:443",
    ]
    return node_container.creation(cluster, cluster.name, ports, image)


def remove(cluster: LocalCluster) -> bool:
    """Remove the node and its state; return False where no node exists."""
    if inspect(cluster) is None:
        return False
    node_container.remove(cluster.name)
    return True


def inspect(cluster: LocalCluster) -> dict[str, Any] | None:
    """The engine's description of the node's container, or None where it does not exist."""
    return node_container.inspect(cluster.name)


def inside(cluster: LocalCluster, *command: str) -> str:
    """Run a command in the node and return its output. Raises AirgapError where it fails."""
    return run("docker", "exec", cluster.name, *command)


def wait(cluster: LocalCluster, seconds: float = READY_SECONDS) -> None:
    """Return when the API server answers.

    Raises AirgapError with the end of its log when it does not answer within `seconds`.
    """
    check = ("docker", "exec", cluster.name, "kubectl", "get", "--raw=/readyz")
    end = time.monotonic() + seconds
    while not succeeds(*check, seconds=ANSWER_SECONDS):
        if time.monotonic() > end:
            raise AirgapError(
                f"the API server did not answer within {seconds:.0f} s:\n{_log(cluster)}"
            )
        time.sleep(0.5)


def write_kubeconfig(cluster: LocalCluster) -> None:
    """Copy the administrator's kubeconfig from the node to this machine."""
    config = yaml.safe_load(inside(cluster, "cat", ADMIN))
    server = f"https://127.0.0.1:{cluster.ports.api}"
    kubeconfig.write(cluster, kubeconfig.renamed(config, cluster.name, server))


def _log(cluster: LocalCluster) -> str:
    """The last lines of the API server's log, or of the node's where it has not started."""
    try:
        return inside(cluster, "tail", f"--lines={LAST_LINES}", f"{LOGS}/kube-apiserver/current")
    except AirgapError:
        return run("docker", "logs", f"--tail={LAST_LINES}", cluster.name)
