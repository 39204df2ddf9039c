"""Deployments, StatefulSets, DaemonSets, Jobs and single pods."""

from __future__ import annotations

from typing import Final

from airgap.plugins.kubernetes.kinds import Kind, Object
from airgap.plugins.kubernetes.objects import name_of, part
from airgap.plugins.kubernetes.waits.check import (
    READY,
    Check,
    Look,
    condition,
    count,
    full_name,
    holds,
    observed,
)
from airgap.plugins.kubernetes.waits.pods import (
    is_ready,
    owned,
    pod_reasons,
    selected,
    unready_reasons,
)

REPLICA_SET: Final = Kind(group="apps", version="v1", kind="ReplicaSet")
REVISION: Final = "deployment.kubernetes.io/revision"


class Deployment(Check):
    """Ready when every replica is of the newest template, available, and no older one is left."""

    def look(self, live: Object) -> Look:
        wanted = count(live, "spec", "replicas")
        updated = count(live, "status", "updatedReplicas")
        available = count(live, "status", "availableReplicas")
        old = count(live, "status", "replicas") - updated
        if observed(live) and updated >= wanted and old <= 0 and available >= updated:
            return READY
        pods = f"({available}/{wanted} Pods available)"
        return Look(doing=f"Waiting for app ReplicaSet to be available {pods}")

    def reasons(self, live: Object) -> list[str]:
        told = [
            f"[{found.get('reason')}] {found.get('message')}"
            for name, good in (("Progressing", "True"), ("ReplicaFailure", "False"))
            if (found := condition(live, name)) and found.get("status") != good
        ]
        if not holds(live, "Available"):
            told.append("Minimum number of live Pods was not attained")
        elif not self.look(live).ready:
            told.append(
                "Attempted to roll forward to new ReplicaSet, but minimum number of Pods did not "
                "become live"
            )
        revision = (part(live, "metadata", "annotations") or {}).get(REVISION)
        sets = owned(selected(self.objects, REPLICA_SET, live), live)
        newest = [
            one
            for one in sets
            if (part(one, "metadata", "annotations") or {}).get(REVISION) == revision
        ]
        return told + [reason for one in newest for reason in unready_reasons(self.objects, one)]


class StatefulSet(Check):
    """Ready when every replica is ready and, unless pods are replaced by hand, of one revision."""

    def look(self, live: Object) -> Look:
        wanted = count(live, "spec", "replicas")
        ready = count(live, "status", "readyReplicas")
        by_hand = part(live, "spec", "updateStrategy", "type") == "OnDelete"
        generation = count(live, "metadata", "generation")
        counts = {count(live, "status", "replicas"), ready}
        if not (by_hand and generation > 1):
            counts.add(count(live, "status", "currentReplicas"))
        if observed(live) and counts == {wanted} and (by_hand or self._one_revision(live)):
            return READY
        if generation > 1:
            ready = min(ready, count(live, "status", "updatedReplicas"))
            pods = f"({ready}/{wanted} Pods ready)"
            return Look(doing=f"[1/3] Waiting for StatefulSet update to roll out {pods}")
        pods = f"({ready}/{wanted} Pods ready)"
        return Look(doing=f"[1/2] Waiting for StatefulSet to create Pods {pods}")

    def reasons(self, live: Object) -> list[str]:
        wanted, ready = count(live, "spec", "replicas"), count(live, "status", "readyReplicas")
        told = [f"{ready} out of {wanted} replicas succeeded readiness checks"]
        if not self._one_revision(live):
            told.append(
                "StatefulSet controller failed to advance from revision "
                f'"{part(live, "status", "currentRevision")}" to revision '
                f'"{part(live, "status", "updateRevision")}"'
            )
        return told + unready_reasons(self.objects, live)

    def _one_revision(self, live: Object) -> bool:
        current = part(live, "status", "currentRevision")
        return bool(current) and current == part(live, "status", "updateRevision")


class DaemonSet(Check):
    def look(self, live: Object) -> Look:
        wanted = count(live, "status", "desiredNumberScheduled")
        updated = count(live, "status", "updatedNumberScheduled")
        ready = count(live, "status", "numberReady")
        if observed(live) and min(updated, ready) >= wanted:
            return READY
        return Look(doing=f"Waiting for DaemonSet to roll out ({ready}/{wanted} Pods ready)")

    def reasons(self, live: Object) -> list[str]:
        return unready_reasons(self.objects, live)


class Job(Check):
    """Ready when it has completed; a Job that has failed ends the wait."""

    def look(self, live: Object) -> Look:
        if holds(live, "Complete"):
            return READY
        if holds(live, "Failed"):
            failed = condition(live, "Failed")
            return Look(failed=f"[{failed.get('reason')}] {failed.get('message')}")
        counts = " | ".join(
            f"{name.capitalize()}: {count(live, 'status', name)}"
            for name in ("active", "succeeded", "failed")
        )
        return Look(doing=f'Waiting for Job "{full_name(live)}" to succeed ({counts})')

    def reasons(self, live: Object) -> list[str]:
        return unready_reasons(self.objects, live)


class Pod(Check):
    def look(self, live: Object) -> Look:
        return READY if is_ready(live) else Look(doing=f'Waiting for Pod "{name_of(live)}"')

    def reasons(self, live: Object) -> list[str]:
        return pod_reasons(self.objects, live)
