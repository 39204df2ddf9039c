"""How many pods run, where, and how many may be unavailable at once."""

from typing import Any

from components.addresses import host_name
from components.targets.kubernetes import naming, objects
from components.targets.kubernetes.scope import SKIP_AWAIT, Scope
from components.workload import Replicas, Workload


def register(workload: Workload, resource: objects.Object, scope: Scope) -> None:
    """Register the autoscaler and the disruption budget, if the workload needs them."""
    if autoscaled(workload.replicas):
        objects.HorizontalPodAutoscaler(
            workload.name,
            metadata=scope.metadata(host_name(workload.name), annotations=SKIP_AWAIT),
            spec=autoscaler(workload, type(resource).__name__),
            opts=scope.options(depends_on=[resource]),
        )
    if workload.replicas.max > 1:
        objects.PodDisruptionBudget(
            workload.name,
            metadata=scope.metadata(host_name(workload.name)),
            spec=disruption_budget(workload),
            opts=scope.opts,
        )


def autoscaled(replicas: Replicas) -> bool:
    return replicas.max > replicas.min


def autoscaler(workload: Workload, kind: str) -> dict[str, Any]:
    """The spec of a HorizontalPodAutoscaler on the average CPU use of the workload's pods."""
    replicas = workload.replicas
    return {
        "scaleTargetRef": {
            "apiVersion": "apps/v1",
            "kind": kind,
            "name": host_name(workload.name),
        },
        "minReplicas": replicas.min,
        "maxReplicas": replicas.max,
        "metrics": [
            {
                "type": "Resource",
                "resource": {
                    "name": "cpu",
                    "target": {"type": "Utilization", "averageUtilization": replicas.cpu_target},
                },
            }
        ],
    }


def disruption_budget(workload: Workload) -> dict[str, Any]:
    """One pod at a time may be unavailable. A pod that is not ready never blocks a drain."""
    return {
        "maxUnavailable": 1,
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
        "selector": {"matchLabels": naming.selector(workload.name)},
    }


def spread(workload: Workload) -> dict[str, Any]:
    """The fields of a pod's spec that put replicas on different nodes and zones where possible.

    Zones are not a second spread constraint. The scheduler ignores nodes without the labels of all
    constraints, so on a cluster without zones it would not spread pods over nodes either.

    Only pods of one revision are compared. The old pods end with the roll-out, so they must not
    decide where the new ones run.
    """
    compared = {
        "labelSelector": {"matchLabels": naming.selector(workload.name)},
        "matchLabelKeys": ["pod-template-hash"],
    }
    nodes = {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        **compared,
    }
    zones = {
        "weight": 100,
        "podAffinityTerm": {"topologyKey": "topology.kubernetes.io/zone", **compared},
    }
    return {
        "topologySpreadConstraints": [nodes],
        "affinity": {
            "podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [zones]}
        },
    }
