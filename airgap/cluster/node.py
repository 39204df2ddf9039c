"""The first node: the control plane, the registry, all volumes, and pods like on any other node."""

import time
from typing import Any

import yaml

from airgap import built
from airgap.cluster import container, images, kubeconfig
from airgap.cluster.container import Report
from airgap.cluster.place import Place
from airgap.command import LAST_LINES, AirgapError, run, succeeds

READY_SECONDS = 180.0
"""A first start took 20 s on two idle cores."""

ANSWER_SECONDS = 10.0
LOGS = "/var/log/cluster"
ADMIN = "/etc/kubernetes/super-admin.conf"


def start(place: Place, report: Report) -> None:
    """Have the node running, in a container that is as it would be made now.

    Raises AirgapError where it does not start, because a port is taken for one.
    """
    image = built.expect(images.NODE.reference)
    container.make(place.name, creation(place, image.id), report)
    try:
        container.start(place.name, report)
    except AirgapError as problem:
        raise AirgapError(
            f"{problem}\nWhere a port is taken, choose another: API_PORT={place.ports.api} "
            f"REGISTRY_PORT={place.ports.registry} HTTP_PORT={place.ports.http} "
            f"HTTPS_PORT={place.ports.https}"
        ) from problem


def creation(place: Place, image: str) -> list[str]:
    """The arguments of `docker create`."""
    ports = [
        f"--publish=127.0.0.1:{place.ports.api}:6443",
        f"--publish=127.0.0.1:{place.ports.registry}:5000",
        f"--publish=127.0.0.1:{place.ports.http}:80",
        f"--publish=127.0.0.1:{place.ports.https}:443",
    ]
    return container.creation(place, place.name, ports, image)


def remove(place: Place) -> bool:
    """End the node and remove its state; False where there was none."""
    if inspect(place) is None:
        return False
    container.remove(place.name)
    return True


def inspect(place: Place) -> dict[str, Any] | None:
    """What the engine says about the node's container, or nothing where there is none."""
    return container.inspect(place.name)


def inside(place: Place, *command: str, seconds: float | None = None) -> str:
    """What a command in the node prints. Raises AirgapError where it fails."""
    return run("docker", "exec", place.name, *command, seconds=seconds)


def wait(place: Place, within: float = READY_SECONDS) -> None:
    """Return when the API server answers.

    Raises AirgapError with the end of its log when it does not within so many seconds.
    """
    ask = ("docker", "exec", place.name, "kubectl", "get", "--raw=/readyz")
    end = time.monotonic() + within
    while not succeeds(*ask, seconds=ANSWER_SECONDS):
        if time.monotonic() > end:
            problem = f"the API server does not answer within {within:.0f} s"
            raise AirgapError(f"{problem}:\n{_log(place)}")
        time.sleep(0.5)


def write_kubeconfig(place: Place) -> None:
    """Have the administrator's kubeconfig on this machine."""
    found = yaml.safe_load(inside(place, "cat", ADMIN))
    server = f"https://127.0.0.1:{place.ports.api}"
    kubeconfig.write(place, kubeconfig.named(found, place.name, server))


def _log(place: Place) -> str:
    """The last that the API server said, or the node where it does not come as far as that."""
    try:
        return inside(place, "tail", f"--lines={LAST_LINES}", f"{LOGS}/kube-apiserver/current")
    except AirgapError:
        return run("docker", "logs", f"--tail={LAST_LINES}", place.name)
