"""Names and labels on the cluster: those that operators know, and the recommended ones."""

import hashlib
import re
from typing import Any

import pulumi

from components.workload import PROJECT, Workload, host_name, metrics_name

__all__ = [
    "PROJECT",
    "host_name",
    "instance",
    "labels",
    "metadata",
    "metrics_name",
    "of_workload",
    "selector",
    "volume_name",
]

LABEL = "app.kubernetes.io"
# The longest name of a volume, and how many hexadecimal digits tell two paths apart.
LENGTH, DIGITS = 63, 8


def instance() -> dict[str, str]:
    """The label that everything of a stack has."""
    return {f"{LABEL}/instance": pulumi.get_stack()}


def selector(workload: str) -> dict[str, str]:
    """The labels by which a workload's pods are found; they never change."""
    return {f"{LABEL}/name": workload, **instance()}


def labels(workload: str, tier: str) -> dict[str, str]:
    """Every label of what belongs to a workload."""
    return {
        **selector(workload),
        f"{LABEL}/component": tier,
        f"{LABEL}/part-of": PROJECT,
        f"{LABEL}/managed-by": "pulumi",
    }


def metadata(
    name: pulumi.Input[str], namespace: pulumi.Input[str], labels: dict[str, str], **more: Any
) -> dict[str, Any]:
    return {"name": name, "namespace": namespace, "labels": labels, **more}


def of_workload(workload: Workload, namespace: pulumi.Input[str], **more: Any) -> dict[str, Any]:
    """The metadata of what has a workload's own name."""
    own = labels(workload.name, workload.tier)
    return metadata(host_name(workload.name), namespace, own, **more)


def volume_name(container: str, path: str) -> str:
    """A container's writable path as the name of a pod's volume, which no other kind of volume has.
    Digits of the path stand at its end where the words alone would be too long, or those of another
    path too."""
    words = re.sub(r"[^a-z0-9]+", "-", f"scratch-{container}{path}".lower()).strip("-")
    if len(words) <= LENGTH and re.fullmatch(r"[a-z0-9/]*", path):
        return words
    digits = hashlib.sha256(path.encode()).hexdigest()[:DIGITS]
    return f"{words[: LENGTH - DIGITS - 1].rstrip('-')}-{digits}"
