"""How full the claims of a stack on a cluster are. Their pods say it, because no API does."""

import subprocess
from collections.abc import Iterator
from typing import Any

from components.settings import Kubernetes
from components.targets.kubernetes import last_deployment
from operations import kubernetes_stack, units
from operations.inside import PodContainer
from operations.workspace import Workspace


def sizes(kubernetes: Kubernetes, workspace: Workspace) -> dict[str, str]:
    """The room of each claim by its name, such as `10Gi`, and how much of it is in use if a pod
    runs whose image has `du`: `212 MB of 10Gi`."""
    rooms = last_deployment.from_outputs(workspace.resources()).claims
    used = dict(_used(kubernetes, workspace))
    return {
        name: f"{used[name]} of {room}" if name in used else room for name, room in rooms.items()
    }


def _used(kubernetes: Kubernetes, workspace: Workspace) -> Iterator[tuple[str, str]]:
    for pod, container in kubernetes_stack.main_containers(kubernetes, workspace):
        for claim, path in _paths(pod, container.container):
            if kibibytes := _kibibytes(container, path):
                yield claim, units.size(kibibytes * 1024)


def _paths(pod: Any, container: str) -> Iterator[tuple[str, str]]:
    """The claims of a pod, each with its path in a container."""
    claims = {
        volume.name: volume.persistent_volume_claim.claim_name
        for volume in pod.spec.volumes or []
        if volume.persistent_volume_claim
    }
    mounts = next(
        (item.volume_mounts for item in pod.spec.containers if item.name == container), None
    )
    for mount in mounts or []:
        if mount.name in claims:
            yield claims[mount.name], mount.mount_path


def _kibibytes(container: PodContainer, path: str) -> int | None:
    from kubernetes.client import ApiException

    try:
        output = container.run(["du", "-s", "-k", path])
    except ApiException:  # the container does not run, or this login may not run commands in it
        return None
    except subprocess.CalledProcessError as error:
        # It has counted everything but a directory that only root may read, such as `lost+found`.
        output = error.output
    words = output.split()
    return int(words[0]) if words and words[0].isdecimal() else None
