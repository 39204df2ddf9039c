"""Which check a wait uses: the object's annotations say, else its kind."""

from __future__ import annotations

from typing import Final

from airgap.plugins.kubernetes.kinds import Kind, Object
from airgap.plugins.kubernetes.objects import annotation, says_true
from airgap.plugins.kubernetes.operations import Objects
from airgap.plugins.kubernetes.waits import network, storage, workloads
from airgap.plugins.kubernetes.waits.check import Check
from airgap.plugins.kubernetes.waits.custom import WaitFor

CHECKS: Final[dict[tuple[str, str], type[Check]]] = {
    ("apps", "DaemonSet"): workloads.DaemonSet,
    ("apps", "Deployment"): workloads.Deployment,
    ("apps", "StatefulSet"): workloads.StatefulSet,
    ("batch", "Job"): workloads.Job,
    ("networking.k8s.io", "Ingress"): network.Ingress,
    ("", "PersistentVolume"): storage.Volume,
    ("", "PersistentVolumeClaim"): storage.Claim,
    ("", "Pod"): workloads.Pod,
    ("", "ResourceQuota"): storage.Quota,
    ("", "Secret"): storage.TokenSecret,
    ("", "Service"): network.Service,
}
READ: Final = frozenset(
    {"DaemonSet", "Deployment", "Ingress", "Job", "Pod", "Service", "StatefulSet"}
)
"""Kinds that a refresh looks at too, and finds failed when they are not ready."""
DELETED_UNSEEN: Final = frozenset(
    {"DaemonSet", "Deployment", "Job", "Namespace", "Pod", "StatefulSet"}
)
"""Kinds whose deletion is not waited for either when the wait is skipped."""


def ready_check(objects: Objects, inputs: Object) -> Check:
    """For a creation or an update."""
    if says_true(inputs, "skipAwait"):
        return Check(objects)
    if annotation(inputs, "waitFor"):
        return WaitFor(objects, inputs)
    return _of_kind(objects, inputs)


def read_check(objects: Objects, inputs: Object) -> Check:
    """For a refresh."""
    kind = Kind.of(inputs)
    if says_true(inputs, "skipAwait") or not kind.own or kind.kind not in READ:
        return Check(objects)
    check = _of_kind(objects, inputs)
    check.patience = 0
    return check


def awaits_deletion(inputs: Object) -> bool:
    kind = Kind.of(inputs)
    return not (says_true(inputs, "skipAwait") and kind.own and kind.kind in DELETED_UNSEEN)


def _of_kind(objects: Objects, inputs: Object) -> Check:
    kind = Kind.of(inputs)
    return CHECKS.get((kind.group, kind.kind), Check)(objects)
