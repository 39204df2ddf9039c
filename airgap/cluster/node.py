"""The node: one container, and one volume that holds all of the cluster's state."""

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

import yaml

from airgap import built
from airgap.cluster import images, kubeconfig
from airgap.cluster.place import Place
from airgap.command import LAST_LINES, AirgapError, run, succeeds

READY_SECONDS = 180.0
"""A first start took 20 s on two idle cores."""

ANSWER_SECONDS = 10.0
STATE = "/var/lib/cluster"
"""Where the node keeps its state; Dockerfile says the same."""

LOGS = "/var/log/cluster"
ADMIN = "/etc/kubernetes/super-admin.conf"

# All that the node's programs need, and no `privileged`: that asks for every capability there
# is, and fails on a machine that was not given each of them.
RIGHTS = (
    "--cap-add=ALL",
    "--cap-drop=SYS_RESOURCE",
    "--security-opt=seccomp=unconfined",
    "--security-opt=apparmor=unconfined",
    "--security-opt=systempaths=unconfined",
    "--device-cgroup-rule=a *:* rwm",
    "--device=/dev/kmsg",
    "--cgroupns=private",
)

MADE_LABEL = "ai-platform.made"
"""Label that holds how the container was made: where that is another way now, it is made anew."""

Report = Callable[[str], None]


def start(place: Place, report: Report) -> None:
    """Have the node running, in a container that is as it would be made now.

    Raises AirgapError where it does not start, because a port is taken for one.
    """
    image = built.expect(images.NODE.reference)
    wanted = creation(place, image.id)
    found = inspect(place)
    if found is not None and found["Config"]["Labels"].get(MADE_LABEL) != _digest(wanted):
        run("docker", "rm", "--force", place.name)
        report("its image or its ports changed: a new container on the same state")
        found = None
    if found is None:
        run("docker", "create", f"--label={MADE_LABEL}={_digest(wanted)}", *wanted)
    elif found["State"]["Running"]:
        report(f"container {place.name} runs")
        return
    try:
        run("docker", "start", place.name)
    except AirgapError as problem:
        raise AirgapError(
            f"{problem}\nWhere a port is taken, choose another: API_PORT={place.ports.api} "
            f"REGISTRY_PORT={place.ports.registry} HTTP_PORT={place.ports.http} "
            f"HTTPS_PORT={place.ports.https}"
        ) from problem
    report(f"container {place.name} started")


def creation(place: Place, image: str) -> list[str]:
    """The arguments of `docker create`."""
    return [
        f"--name={place.name}",
        f"--hostname={place.name}",
        "--restart=unless-stopped",
        f"--publish=127.0.0.1:{place.ports.api}:6443",
        f"--publish=127.0.0.1:{place.ports.registry}:5000",
        f"--publish=127.0.0.1:{place.ports.http}:80",
        f"--publish=127.0.0.1:{place.ports.https}:443",
        f"--volume={place.name}:{STATE}",
        "--tmpfs=/run:exec",
        f"--env=REGISTRY={place.registry}",
        *RIGHTS,
        image,
    ]


def remove(place: Place) -> bool:
    """End the node and remove its state; False where there was none."""
    if inspect(place) is None:
        return False
    run("docker", "rm", "--force", place.name)
    run("docker", "volume", "rm", "--force", place.name)
    return True


def inspect(place: Place) -> dict[str, Any] | None:
    """What the engine says about the node's container, or nothing where there is none."""
    if not succeeds("docker", "container", "inspect", place.name):
        return None
    found: dict[str, Any] = json.loads(run("docker", "container", "inspect", place.name))[0]
    return found


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


def _digest(wanted: list[str]) -> str:
    return hashlib.sha256(json.dumps(wanted).encode()).hexdigest()
