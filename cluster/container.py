"""A node's container, and the volume of the same name that holds all of the node's state."""

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from airgap.command import run, succeeds
from cluster.local_cluster import LocalCluster

STATE = "/var/lib/cluster"
"""Where a node keeps its state; Dockerfile says the same."""

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

CLUSTER_LABEL = "ai-platform.cluster"
"""Label that names the cluster that a container is a node of."""

MADE_LABEL = "ai-platform.made"
"""Label with a digest of how the container was made; another digest replaces the container."""

Report = Callable[[str], None]


def creation(local: LocalCluster, name: str, own: Sequence[str], image: str) -> list[str]:
    """The arguments of `docker create` for a node; `own` are those that only this node has."""
    return [
        f"--name={name}",
        f"--hostname={name}",
        f"--label={CLUSTER_LABEL}={local.name}",
        "--restart=unless-stopped",
        *own,
        f"--volume={name}:{STATE}",
        "--tmpfs=/run:exec",
        f"--env=REGISTRY={local.registry}",
        *RIGHTS,
        image,
    ]


def make(name: str, wanted: Sequence[str], report: Report) -> bool:
    """Have the container as it would be made now; whether it was made by this call."""
    digest = hashlib.sha256(json.dumps(list(wanted)).encode()).hexdigest()
    found = inspect(name)
    if found is not None and found["Config"]["Labels"].get(MADE_LABEL) == digest:
        return False
    if found is not None:
        run("docker", "rm", "--force", name)
        report(f"{name}: made again on the same state, because its image or its ports changed")
    run("docker", "create", f"--label={MADE_LABEL}={digest}", *wanted)
    return True


def start(name: str, report: Report) -> None:
    """Have the container running. Raises AirgapError where it does not start."""
    found = inspect(name)
    if found is not None and found["State"]["Running"]:
        report(f"container {name} runs")
        return
    run("docker", "start", name)
    report(f"container {name} started")


def inspect(name: str) -> dict[str, Any] | None:
    """What the engine says about a container, or nothing where it does not exist."""
    if not succeeds("docker", "container", "inspect", name):
        return None
    found: dict[str, Any] = json.loads(run("docker", "container", "inspect", name))[0]
    return found


def remove(name: str) -> None:
    """End the node and remove its state."""
    run("docker", "rm", "--force", name)
    run("docker", "volume", "rm", "--force", name)
