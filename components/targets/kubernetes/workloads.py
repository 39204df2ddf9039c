"""From a workload to what runs it: a Deployment, or a StatefulSet where one owns its volume."""

from typing import Any

from components.settings.kubernetes import Kubernetes
from components.targets.kubernetes import naming, pods, probes, scaling
from components.workload import Workload

# Old ReplicaSets that a roll-back by hand can return to; their ConfigMaps are gone sooner.
HISTORY = 3


def deployment(workload: Workload, template: dict[str, Any]) -> dict[str, Any]:
    """A new pod is ready before an old one goes: a roll-out loses no request, and one that fails
    leaves the old pods serving."""
    return {
        **_replicas(workload),
        "selector": {"matchLabels": naming.selector(workload.name)},
        "revisionHistoryLimit": HISTORY,
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1},
        },
        "template": template,
    }


def stateful_set(workload: Workload, template: dict[str, Any]) -> dict[str, Any]:
    """One pod, which is gone before the next one comes: never two on one volume.

    Parallel, because in order a pod that never gets ready could not be replaced by a good one.
    """
    return {
        **_replicas(workload),
        "serviceName": naming.host_name(workload.name),
        "selector": {"matchLabels": naming.selector(workload.name)},
        "podManagementPolicy": "Parallel",
        "revisionHistoryLimit": HISTORY,
        "updateStrategy": {"type": "RollingUpdate"},
        "template": template,
    }


def patience(workload: Workload, settings: Kubernetes) -> str:
    """The time after which a roll-out has failed: each replica in turn pulls its images, starts
    and ends; all but the images, which a node pulls once."""
    start = max(probes.start_budget(each) for each in workload.containers())
    seconds = settings.pull_budget + workload.replicas.max * (start + pods.grace(workload))
    return f"{seconds}s"


def _replicas(workload: Workload) -> dict[str, Any]:
    """None where an autoscaler decides: both would fight for the number."""
    return {} if scaling.autoscaled(workload.replicas) else {"replicas": workload.replicas.min}
