"""Translates where a part runs into the fields of its pod, and its GPUs into resources."""

from dataclasses import asdict
from typing import Any

from components.placement import ANYWHERE, Placement, Toleration
from components.settings import Kubernetes

# The resource of NVIDIA's device plugin, and the taint of nodes that only run pods with GPUs.
GPU = "nvidia.com/gpu"

# The taints of a node that is not ready, or that the control plane does not hear from.
LOST_NODE = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


def fields(placement: Placement, settings: Kubernetes) -> dict[str, Any]:
    """The fields of a pod; those without a value are empty."""
    return {
        "nodeSelector": {**settings.node_selector, **placement.node_selector},
        "tolerations": tolerations(settings, placement),
        "runtimeClassName": placement.runtime_class,
        "priorityClassName": placement.priority_class,
    }


def tolerations(settings: Kubernetes, placement: Placement = ANYWHERE) -> list[dict[str, Any]]:
    """The taints that a pod tolerates. It tolerates those of a lost node for a limited time only.

    A pod with GPUs tolerates the taint that keeps other pods from nodes with GPUs.

    Like Kubernetes' own limit of five minutes, ours applies only if nothing else mentions the
    taint.
    """
    gpu = [Toleration(key=GPU, operator="Exists", effect="NoSchedule")] if placement.gpu else []
    stack = [Toleration(**toleration.model_dump()) for toleration in settings.tolerations]
    configured = list(dict.fromkeys([*placement.tolerations, *stack, *gpu]))
    lost = [
        {
            "key": taint,
            "operator": "Exists",
            "effect": "NoExecute",
            "tolerationSeconds": settings.lost_node_seconds,
        }
        for taint in LOST_NODE
        if not any(
            toleration.key in (None, taint) and toleration.effect in (None, "NoExecute")
            for toleration in configured
        )
    ]
    return [*map(_toleration, configured), *lost]


def _toleration(toleration: Toleration) -> dict[str, Any]:
    return {name: value for name, value in asdict(toleration).items() if value is not None}


def gpus(placement: Placement) -> dict[str, str]:
    """The GPUs of the main container, as an amount of a resource."""
    return {GPU: str(placement.gpu)} if placement.gpu else {}
