"""The first node: the control plane, the registry, all volumes, and pods like on any other node."""

import time
from typing import Any

import yaml

from airgap import built
from airgap.command import LAST_LINES, AirgapError, run, succeeds
from cluster import container, images, kubeconfig
from cluster.container import Report
from cluster.local_cluster import LocalCluster

READY_SECONDS = 180.0
"""A first start took 20 s on two idle cores."""

ANSWER_SECONDS = 10.0
LOGS = "/var/log/cluster"
ADMIN = "/etc/kubernetes/super-admin.conf"


def start(local: LocalCluster, report: Report) -> None:
    """Have the node running, in a container that is as it would be made now.

    Raises AirgapError where it does not start, because a port is taken for one.
    """
    image = built.expect(images.NODE.reference)
    container.make(local.name, creation(local, image.id), report)
    try:
        container.start(local.name, report)
    except AirgapError as problem:
        raise AirgapError(
            f"{problem}\nWhere a port is taken, choose another: API_PORT={local.ports.api} "
            f"REGISTRY_PORT={local.ports.registry} HTTP_PORT={local.ports.http} "
            f"HTTPS_PORT={local.ports.https}"
        ) from problem


def creation(local: LocalCluster, image: str) -> list[str]:
    """The arguments of `docker create`."""
    ports = [
        f"--publish=127.0.0.1:{local.ports.api}:6443",
        f"--publish=127.0.0.1:{local.ports.registry}:5000",
        f"--publish=127.0.0.1:{local.ports.http}:80",
        f"--publish=127.0.0.1:{local.ports.https}:443",
    ]
    return container.creation(local, local.name, ports, image)


def remove(local: LocalCluster) -> bool:
    """End the node and remove its state; False where there was none."""
    if inspect(local) is None:
        return False
    container.remove(local.name)
    return True


def inspect(local: LocalCluster) -> dict[str, Any] | None:
    """What the engine says about the node's container, or nothing where there is none."""
    return container.inspect(local.name)


def inside(local: LocalCluster, *command: str, seconds: float | None = None) -> str:
    """What a command in the node prints. Raises AirgapError where it fails."""
    return run("docker", "exec", local.name, *command, seconds=seconds)


def wait(local: LocalCluster, within: float = READY_SECONDS) -> None:
    """Return when the API server answers.

    Raises AirgapError with the end of its log when it does not within so many seconds.
    """
    ask = ("docker", "exec", local.name, "kubectl", "get", "--raw=/readyz")
    end = time.monotonic() + within
    while not succeeds(*ask, seconds=ANSWER_SECONDS):
        if time.monotonic() > end:
            problem = f"the API server does not answer within {within:.0f} s"
            raise AirgapError(f"{problem}:\n{_log(local)}")
        time.sleep(0.5)


def write_kubeconfig(local: LocalCluster) -> None:
    """Have the administrator's kubeconfig on this machine."""
    found = yaml.safe_load(inside(local, "cat", ADMIN))
    server = f"https://127.0.0.1:{local.ports.api}"
    kubeconfig.write(local, kubeconfig.named(found, local.name, server))


def _log(local: LocalCluster) -> str:
    """The last that the API server said, or the node where it does not come as far as that."""
    try:
        return inside(local, "tail", f"--lines={LAST_LINES}", f"{LOGS}/kube-apiserver/current")
    except AirgapError:
        return run("docker", "logs", f"--tail={LAST_LINES}", local.name)
