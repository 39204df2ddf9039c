"""Names and labels on the cluster: those that operators know, and the recommended ones."""

import re
from typing import Any

import pulumi

from components.workload import PROJECT, host_name, metrics_name

__all__ = ["PROJECT", "host_name", "labels", "metadata", "metrics_name", "selector", "volume_name"]

LABEL = "app.kubernetes.io"


def selector(workload: str) -> dict[str, str]:
    """The labels by which a workload's pods are found; they never change."""
    return {f"{LABEL}/name": workload, f"{LABEL}/instance": pulumi.get_stack()}


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


def volume_name(text: str) -> str:
    """A path or a name as the name of a pod's volume."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
