"""How far a roll-out is, by what the cluster reports about its Deployment or StatefulSet."""

from collections.abc import Mapping
from typing import Any

Object = Mapping[str, Any]

ABSENT = "it is not on the cluster"


def finished(workload: Object) -> bool:
    """Whether the roll-out of a Deployment or StatefulSet has ended, whatever has happened to its
    pods since."""
    status = workload.get("status", {})
    if status.get("observedGeneration", 0) < workload["metadata"]["generation"]:
        return False
    if "updateRevision" in status:
        return bool(status.get("currentRevision") == status["updateRevision"])
    conditions = status.get("conditions", [])
    reasons = {condition["type"]: condition.get("reason") for condition in conditions}
    return reasons.get("Progressing") == "NewReplicaSetAvailable"


def lack(workload: Object | None) -> str | None:
    """What a Deployment or StatefulSet lacks to be rolled out, by the rules of `kubectl rollout
    status`; None if it lacks nothing."""
    if workload is None:
        return ABSENT
    replicas, status = workload["spec"].get("replicas", 1), workload.get("status", {})
    updated, total = status.get("updatedReplicas", 0), status.get("replicas", 0)
    ready = status.get("readyReplicas", 0)
    if status.get("observedGeneration", 0) < workload["metadata"]["generation"]:
        return "the cluster has not begun its roll-out"
    if updated < replicas:
        return f"{updated} of {replicas} pods are of the new version"
    if total > updated:
        return f"{total - updated} pods of the old version have not ended"
    if ready < replicas:
        return f"{ready} of {replicas} pods are ready"
    return None
