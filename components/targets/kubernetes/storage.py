"""Claims for data that outlives a pod, and directories that do not."""

from typing import Any

import pulumi

from components.addresses import host_name
from components.container import Container
from components.targets.kubernetes import naming, objects
from components.targets.kubernetes.resources import SCRATCH, SHARED
from components.targets.kubernetes.scope import SKIP_AWAIT, Scope
from components.volumes import ExistingVolume, Mount, Volume
from components.workload import Part


def claim(volume: Volume, scope: Scope) -> objects.PersistentVolumeClaim:
    """Register a claim. A StatefulSet's own claim template could neither grow nor be protected."""
    spec: dict[str, Any] = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": volume.size}},
    }
    if scope.settings.storage_class:
        spec["storageClassName"] = scope.settings.storage_class
    return objects.PersistentVolumeClaim(
        volume.stored_as,
        # Many storage classes bind a claim only for its first pod, and Pulumi waits for the
        # workload.
        metadata=scope.metadata(host_name(volume.stored_as), annotations=SKIP_AWAIT),
        spec=spec,
        opts=scope.options(protect=volume.keep),
    )


def claimed(volume: Volume, name: pulumi.Input[str]) -> dict[str, Any]:
    """A kept volume in a pod."""
    return {"name": volume.name, "persistentVolumeClaim": {"claimName": name}}


def existing(volume: ExistingVolume) -> dict[str, Any]:
    """A claim that the cluster has already, in a pod that only reads it."""
    source = {"claimName": volume.claim, "readOnly": True}
    return {"name": volume.name, "persistentVolumeClaim": source}


def mounted(mount: Mount) -> dict[str, Any]:
    """A volume of the part in one of its containers."""
    read_only = {"readOnly": True} if mount.read_only else {}
    return {"name": mount.volume, "mountPath": mount.path, **read_only}


def directories(part: Part) -> list[dict[str, Any]]:
    """The volumes of a pod that are empty at its start."""
    shared = [
        {"name": directory.name, "emptyDir": {"sizeLimit": f"{SHARED}Mi"}}
        for directory in part.shared
    ]
    scratch = [volume for container in part.all_containers() for volume in _own_volumes(container)]
    return [*shared, *scratch]


def mounts(container: Container) -> list[dict[str, Any]]:
    """Where a container finds the directories of its pod."""
    paths = {directory.name: directory.path for directory in container.shared}
    paths |= {_scratch(container, path): path for path in container.scratch}
    if container.shared_memory:
        paths[_memory(container)] = "/dev/shm"
    return [{"name": name, "mountPath": path} for name, path in paths.items()]


def _own_volumes(container: Container) -> list[dict[str, Any]]:
    volumes: list[dict[str, Any]] = [
        {"name": _scratch(container, path), "emptyDir": {"sizeLimit": f"{SCRATCH}Mi"}}
        for path in container.scratch
    ]
    if container.shared_memory:
        memory = {"medium": "Memory", "sizeLimit": f"{container.shared_memory}Mi"}
        volumes.append({"name": _memory(container), "emptyDir": memory})
    return volumes


def _scratch(container: Container, path: str) -> str:
    return naming.volume_name(container.name, path)


def _memory(container: Container) -> str:
    return f"{container.name}-shared-memory"
