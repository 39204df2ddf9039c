"""How far a roll-out or a job is, by what the cluster reports about its object.

An object is a Deployment, a StatefulSet or a Job, and has its `kind`.
"""

from collections.abc import Mapping
from typing import Any

Object = Mapping[str, Any]

ABSENT = "it is not on the cluster"


def finished(workload: Object) -> bool:
    """Whether a roll-out has ended, whatever has happened to its pods since, or a job."""
    if workload["kind"] == "Job":
        return ended(workload, "Complete") or ended(workload, "Failed")
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
    status`, or a Job to be done; None if it lacks nothing."""
    if workload is None:
        return ABSENT
    if workload["kind"] == "Job":
        return None if ended(workload, "Complete") else "it has not succeeded"
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


def ended(job: Object, condition: str) -> bool:
    """Whether a job has ended in this way: `Complete` or `Failed`."""
    return any(
        entry["type"] == condition and entry["status"] == "True"
        for entry in job.get("status", {}).get("conditions") or []
    )
