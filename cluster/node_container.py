"""A node's container, and the volume of the same name with the node's state."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from airgap.command import run, succeeds
from airgap.report import Report
from cluster.local_cluster import LocalCluster

STATE = "/var/lib/cluster"
"""The folder of a node's state; the node's Dockerfile declares it as a volume."""

# Only what the node's programs need. `privileged` requires every capability that exists, and
# fails on a machine that lacks one of them.
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
"""The label that names a node's cluster."""

CREATION_LABEL = "ai-platform.made"
"""The label with a digest of the arguments; a change of them replaces the container."""


def creation(cluster: LocalCluster, name: str, options: Sequence[str], image: str) -> list[str]:
    """The arguments of `docker create` for a node; `options` are those that other nodes lack."""
    return [
        f"--name={name}",
        f"--hostname={name}",
        f"--label={CLUSTER_LABEL}={cluster.name}",
        "--restart=unless-stopped",
        *options,
        f"--volume={name}:{STATE}",
        "--tmpfs=/run:exec",
        f"--env=REGISTRY={cluster.registry}",
        *RIGHTS,
        image,
    ]


def create(name: str, arguments: Sequence[str], report: Report) -> bool:
    """Create the container, unless it exists with the same arguments; return whether it is new."""
    digest = hashlib.sha256(json.dumps(list(arguments)).encode()).hexdigest()
    container = inspect(name)
    if container is not None and container["Config"]["Labels"].get(CREATION_LABEL) == digest:
        return False
    if container is not None:
        run("docker", "rm", "--force", name)
        report(f"{name}: created again with the same state, because its image or its ports changed")
    run("docker", "create", f"--label={CREATION_LABEL}={digest}", *arguments)
    return True


def start(name: str, report: Report) -> None:
    """Start the container, unless it runs. Raises AirgapError where it does not start."""
    container = inspect(name)
    if container is not None and container["State"]["Running"]:
        report(f"container {name} runs")
        return
    run("docker", "start", name)
    report(f"container {name} started")


def inspect(name: str) -> dict[str, Any] | None:
    """The engine's description of a container, or None where the container does not exist."""
    if not succeeds("docker", "container", "inspect", name):
        return None
    container: dict[str, Any] = json.loads(run("docker", "container", "inspect", name))[0]
    return container


def remove(name: str) -> None:
    """Remove the container and its volume."""
    run("docker", "rm", "--force", name)
    run("docker", "volume", "rm", "--force", name)
