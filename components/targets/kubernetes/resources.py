"""The requests and limits of one container."""

from collections.abc import Mapping
from typing import Any

from components.container import Container, Resources

# The MiB on a node's disk for the log files of a container, beside its scratch directories. The
# kubelet rotates logs every 10 s, and keeps 50 MiB by its own default and 250 MiB by that of some
# providers. Kubernetes evicts a pod that uses more than its limit.
LOGS = 512
# The MiB of disk that a node reserves for a container.
DISK_REQUEST = 64
# The limit of one scratch directory, and of one that several containers share, in MiB.
SCRATCH, SHARED = 256, 1


def resources(
    limits: Resources,
    disk: int = LOGS,
    gpus: Mapping[str, str] | None = None,
    *,
    guaranteed: bool = False,
) -> dict[str, Any]:
    """The limits and the requests. A request is half the limit by default; a GPU is not shared.

    `disk` is the limit of disk space in MiB. With `guaranteed` the node reserves all memory and CPU
    that the container may use. If this holds for each container of a pod, the pod has the quality
    of service `Guaranteed`: it is the last that a node without memory kills.
    """
    memory = limits.memory_request or max(limits.memory // 2, 1)
    cpu = limits.requested_cpu
    if guaranteed:
        memory, cpu = limits.memory, limits.cpu
    return {
        "requests": _amounts(memory, cpu, min(DISK_REQUEST, disk), gpus),
        "limits": _amounts(limits.memory, limits.cpu, disk, gpus),
    }


def disk(container: Container) -> int:
    """The MiB that a container may write on a node's disk, its volumes aside."""
    return LOGS + SCRATCH * len(container.scratch) + SHARED * len(container.shared)


def millicores(cores: float) -> str:
    """Cores in Kubernetes' own notation: `500m`, and `2` for whole cores."""
    thousandths = round(cores * 1000)
    return f"{thousandths}m" if thousandths % 1000 else str(thousandths // 1000)


def _amounts(memory: int, cpu: float, disk: int, gpus: Mapping[str, str] | None) -> dict[str, str]:
    return {
        "memory": f"{memory}Mi",
        "cpu": millicores(cpu),
        "ephemeral-storage": f"{disk}Mi",
        **(gpus or {}),
    }
