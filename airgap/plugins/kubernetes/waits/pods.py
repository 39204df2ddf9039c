"""Why pods are not ready: their own conditions, containers, events and last log lines."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from airgap.plugins.kubernetes.api import ApiError, Unreachable
from airgap.plugins.kubernetes.cluster import NoSuchKind
from airgap.plugins.kubernetes.kinds import Kind, Object
from airgap.plugins.kubernetes.objects import name_of, namespace_of, part
from airgap.plugins.kubernetes.operations import Objects
from airgap.plugins.kubernetes.waits.check import condition, full_name, holds

POD: Final = Kind(group="", version="v1", kind="Pod")
EVENT: Final = Kind(group="", version="v1", kind="Event")
LOG_LINES: Final = 10
PODS: Final = 3
"""Pods of one workload fail alike: this many tell why."""
EVENTS: Final = 2
STARTING: Final = frozenset({"ContainerCreating", "PodInitializing"})
UNTOLD: Final = frozenset({"BackOff", "Failed", "FailedScheduling"})
"""Events whose content a pod's conditions and containers tell too."""


def listed(objects: Objects, kind: Kind, namespace: str, query: dict[str, str]) -> list[Object]:
    """Objects of a kind; none where the question is not allowed."""
    try:
        path = objects.cluster.path_of(kind, namespace)
        found: list[Object] = objects.cluster.api("GET", path, query)["items"]
    except (ApiError, NoSuchKind, Unreachable):
        return []
    return found


def selected(objects: Objects, kind: Kind, owner: Object) -> list[Object]:
    """Objects that the owner's selector names and that belong to somebody."""
    labels: dict[str, str] = part(owner, "spec", "selector", "matchLabels") or {}
    chosen = ",".join(f"{name}={value}" for name, value in labels.items())
    return listed(objects, kind, namespace_of(owner), {"labelSelector": chosen})


def owned(things: list[Object], owner: Object) -> list[Object]:
    uid = part(owner, "metadata", "uid")
    return [
        thing
        for thing in things
        if any(ref.get("uid") == uid for ref in part(thing, "metadata", "ownerReferences") or [])
    ]


def unready_reasons(objects: Objects, owner: Object) -> list[str]:
    """Why the owner's pods are not ready; where it has none, what kept it from making them."""
    pods = owned(selected(objects, POD, owner), owner)
    unready = [pod for pod in pods if not is_ready(pod)]
    reasons = [reason for pod in unready[:PODS] for reason in pod_reasons(objects, pod)]
    if len(unready) > PODS:
        reasons.append(f"and {len(unready) - PODS} more pods that are not ready")
    return reasons if pods else warnings(objects, owner)


def is_ready(pod: Object) -> bool:
    return holds(pod, "Ready") or part(pod, "status", "phase") == "Succeeded"


def pod_reasons(objects: Objects, pod: Object) -> list[str]:
    """A pod's reasons: conditions and containers in one, then events, then log lines."""
    status: Any = pod.get("status") or {}
    containers = [
        *status.get("initContainerStatuses", []),
        *status.get("containerStatuses", []),
    ]
    troubled = [entry for entry in containers if container_trouble(entry)]
    head = f"[Pod {full_name(pod)}]: "
    said = [message for name in ("PodScheduled", "Ready") if (message := _message(pod, name))]
    reasons = []
    if said or troubled:
        told = "\n".join(line for entry in troubled for line in container_trouble(entry))
        reasons.append(head + (said[0] if said else "") + (f" {told}" if said and told else told))
    reasons += [
        head + text for text in warnings(objects, pod, UNTOLD if said or troubled else frozenset())
    ]
    for entry in troubled:
        lines = last_lines(objects, pod, entry)
        if lines:
            reasons.append(f"{head}last log lines of container {entry['name']!r}:\n{lines}")
    return reasons


def container_trouble(entry: Object) -> list[str]:
    """What keeps a container from being ready, in the kubelet's words; nothing while it starts."""
    if entry.get("ready"):
        return []
    told = []
    waiting: Any = part(entry, "state", "waiting")
    ended: Any = part(entry, "state", "terminated")
    before: Any = part(entry, "lastState", "terminated")
    if waiting and waiting.get("reason") not in STARTING:
        told.append(f"[{waiting.get('reason')}] {waiting.get('message', '')}".rstrip())
    if ended and ended.get("reason") and ended.get("exitCode") != 0:
        said = f"[{ended['reason']}] {ended['message']}" if ended.get("message") else ""
        told.append(said or f"container {entry['name']!r} completed with {_code(ended)}")
    if before:
        told.append(
            f"container {entry['name']!r} terminated at {before.get('finishedAt')} "
            f"({before.get('reason')}: {_code(before)})"
        )
        told += [before["message"]] if before.get("message") else []
    return told


def last_lines(objects: Objects, pod: Object, entry: Object) -> str:
    """What the container wrote last before it ended; empty where it never ran."""
    ended = part(entry, "state", "terminated") or part(entry, "lastState", "terminated")
    if not ended:
        return ""
    running_again = not part(entry, "state", "terminated")
    query = {"container": entry["name"], "tailLines": str(LOG_LINES)}
    query |= {"previous": "true"} if running_again else {}
    path = f"/api/v1/namespaces/{quote(namespace_of(pod))}/pods/{quote(name_of(pod))}/log"
    try:
        lines = objects.cluster.api("GET", path, query)
    except (ApiError, Unreachable):
        return ""
    return str(lines).rstrip()


def warnings(objects: Objects, thing: Object, untold: frozenset[str] = frozenset()) -> list[str]:
    """The latest warnings that the cluster has about an object, each reason once."""
    uid = part(thing, "metadata", "uid")
    query = {"fieldSelector": f"involvedObject.uid={uid},type=Warning"}
    events = listed(objects, EVENT, namespace_of(thing), query)
    events.sort(key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime")))
    by_reason = {event.get("reason"): event.get("message") for event in events}
    told = [f"[{r}] {message}" for r, message in by_reason.items() if r not in untold]
    return told[-EVENTS:]


def _message(pod: Object, name: str) -> str:
    found = condition(pod, name)
    unmet = found.get("status") == "False" and found.get("reason")
    return str(found.get("message", "")) if unmet else ""


def _code(ended: Object) -> str:
    return f"exit code {ended.get('exitCode')}"
