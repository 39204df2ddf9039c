"""Translates a workload into a Deployment, or into a StatefulSet if it owns a volume."""

from math import ceil
from typing import Any

from components.addresses import host_name
from components.derived_names import governing_service
from components.settings import SURGE, Kubernetes
from components.targets.kubernetes import naming, pods, probes, scaling
from components.workload import Workload

# The largest number of steps in which a roll-out replaces all replicas. Up to four replicas are
# replaced one by one.
STEPS = ceil(1 / SURGE)
# The number of old ReplicaSets that a manual roll-back can return to. Their ConfigMaps are removed
# earlier.
HISTORY = 3


def spec(workload: Workload, template: dict[str, Any], settings: Kubernetes) -> dict[str, Any]:
    """The spec of a Deployment, or of a StatefulSet for a workload with a volume."""
    if workload.volumes:
        return stateful_set(workload, template)
    return deployment(workload, template, settings)


def deployment(
    workload: Workload, template: dict[str, Any], settings: Kubernetes
) -> dict[str, Any]:
    """The spec of a Deployment.

    A new pod is ready before an old one ends, so a roll-out loses no request, and a failed one
    leaves the old pods serving. The cluster fails a roll-out in which no pod becomes ready within
    the longest time that one pod may take.
    """
    return {
        **_replicas(workload),
        "selector": {"matchLabels": naming.selector(workload.name)},
        "revisionHistoryLimit": HISTORY,
        "progressDeadlineSeconds": settings.pull_budget + _turn(workload),
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxUnavailable": 0, "maxSurge": f"{SURGE:.0%}"},
        },
        "template": template,
    }


def stateful_set(workload: Workload, template: dict[str, Any]) -> dict[str, Any]:
    """The spec of a StatefulSet.

    The old pod is gone before the new one starts, so two never use one volume. In `OrderedReady` a
    pod that never becomes ready could not be replaced, so the policy is `Parallel`.
    """
    return {
        **_replicas(workload),
        "serviceName": host_name(governing_service(workload.name)),
        "selector": {"matchLabels": naming.selector(workload.name)},
        "podManagementPolicy": "Parallel",
        "revisionHistoryLimit": HISTORY,
        "updateStrategy": {"type": "RollingUpdate"},
        "template": template,
    }


def patience(workload: Workload, settings: Kubernetes) -> int:
    """The seconds after which `up` gives up on a roll-out.

    They are the time to pull the images, which a node does once, and the time of each step, one
    after the other. There are at most four steps, so this takes minutes for any number of replicas.
    The provider waits until then, and its message contains the cluster's own view of the deadline.
    """
    steps = min(workload.replicas.max, STEPS)
    return settings.pull_budget + steps * _turn(workload)


def _turn(workload: Workload) -> int:
    """The seconds in which a pod starts, after its steps, and the one that it replaces ends."""
    start = max(probes.start_budget(container) for container in workload.containers())
    return sum(step.limit for step in workload.init) + start + pods.grace(workload)


def _replicas(workload: Workload) -> dict[str, Any]:
    """The number of replicas. It is left out if an autoscaler decides, because `up` would reset
    it."""
    return {} if scaling.autoscaled(workload.replicas) else {"replicas": workload.replicas.min}
