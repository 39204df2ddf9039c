"""From a workload to what runs it: a Deployment, or a StatefulSet where one owns its volume."""

from math import ceil
from typing import Any

from components.addresses import host_name
from components.settings import SURGE, Kubernetes
from components.targets.kubernetes import naming, pods, probes, scaling
from components.workload import Workload

# However many replicas there are, so many turns replace them all; up to four go one by one.
STEPS = ceil(1 / SURGE)
# Old ReplicaSets that a roll-back by hand can return to; their ConfigMaps are gone sooner.
HISTORY = 3


def spec(workload: Workload, template: dict[str, Any], settings: Kubernetes) -> dict[str, Any]:
    """The spec of a Deployment, or of a StatefulSet for a workload with a volume of its own."""
    if workload.volumes:
        return stateful_set(workload, template)
    return deployment(workload, template, settings)


def deployment(
    workload: Workload, template: dict[str, Any], settings: Kubernetes
) -> dict[str, Any]:
    """A new pod is ready before an old one goes: a roll-out loses no request, and one that fails
    leaves the old pods serving. The cluster itself fails a roll-out in which no pod gets ready for
    as long as a pod may take."""
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
    """One pod, which is gone before the next one comes: never two on one volume.

    Parallel, because in order a pod that never gets ready could not be replaced by a good one.
    """
    return {
        **_replicas(workload),
        "serviceName": host_name(workload.name),
        "selector": {"matchLabels": naming.selector(workload.name)},
        "podManagementPolicy": "Parallel",
        "revisionHistoryLimit": HISTORY,
        "updateStrategy": {"type": "RollingUpdate"},
        "template": template,
    }


def patience(workload: Workload, settings: Kubernetes) -> int:
    """The seconds after which `up` gives a roll-out up: its steps one after the other, and the time
    to pull the images, which a node does once. At most four steps, so minutes however many replicas
    there are. The provider waits until then; the cluster's word on its deadline is in its message.
    """
    steps = min(workload.replicas.max, STEPS)
    return settings.pull_budget + steps * _turn(workload)


def _turn(workload: Workload) -> int:
    """Seconds in which a pod starts and the one that it replaces ends."""
    return max(probes.start_budget(container) for container in workload.containers()) + pods.grace(
        workload
    )


def _replicas(workload: Workload) -> dict[str, Any]:
    """None where an autoscaler decides: both would fight for the number."""
    return {} if scaling.autoscaled(workload.replicas) else {"replicas": workload.replicas.min}
