"""Claims for data that outlives a pod, and the directories that end with it."""

from typing import Any

import pulumi

from components.targets.kubernetes import naming, objects
from components.workload import Container, Part, Volume

# Of one writable path, in all. More of it ends the pod.
SCRATCH = "256Mi"


def claim(
    volume: Volume,
    labels: dict[str, str],
    namespace: pulumi.Input[str],
    storage_class: str | None,
    opts: pulumi.ResourceOptions,
) -> objects.PersistentVolumeClaim:
    """A claim of its own, not a StatefulSet's template: it can grow, and be kept."""
    spec: dict[str, Any] = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": volume.size}},
    }
    if storage_class:
        spec["storageClassName"] = storage_class
    return objects.PersistentVolumeClaim(
        volume.name,
        metadata=naming.metadata(
            naming.host_name(volume.name),
            namespace,
            labels,
            # Many classes bind a claim when its first pod comes, which is awaited itself.
            annotations={"pulumi.com/skipAwait": "true"},
        ),
        spec=spec,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=volume.keep)),
    )


def claimed(volume: Volume, name: pulumi.Input[str]) -> dict[str, Any]:
    """A kept volume in a pod."""
    return {"name": volume.name, "persistentVolumeClaim": {"claimName": name}}


def directories(part: Part) -> list[dict[str, Any]]:
    """The volumes of a pod that are empty at its start."""
    shared = [{"name": each.name, "emptyDir": {"sizeLimit": "1Mi"}} for each in part.shared]
    own = [each for container in part.containers() for each in _own(container)]
    return [*shared, *own]


def mounts(container: Container) -> list[dict[str, Any]]:
    """Where a container finds the directories of its pod."""
    paths = {each.name: each.path for each in container.shared}
    paths |= {_scratch(container, path): path for path in container.scratch}
    if container.shared_memory:
        paths[_memory(container)] = "/dev/shm"
    return [{"name": name, "mountPath": path} for name, path in paths.items()]


def _own(container: Container) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": _scratch(container, path), "emptyDir": {"sizeLimit": SCRATCH}}
        for path in container.scratch
    ]
    if container.shared_memory:
        memory = {"medium": "Memory", "sizeLimit": f"{container.shared_memory}Mi"}
        found.append({"name": _memory(container), "emptyDir": memory})
    return found


def _scratch(container: Container, path: str) -> str:
    return naming.volume_name(container.name, path)


def _memory(container: Container) -> str:
    return f"{container.name}-shared-memory"
