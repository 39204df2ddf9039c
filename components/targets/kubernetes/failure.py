"""Reports why a workload did not start, in the output of the failed `pulumi up`."""

from collections.abc import Iterator, Mapping
from typing import Any

import pulumi

LAST_LINES = 30
# The longest time of a request, in seconds.
LIMIT = 10


def explain(client: Any, namespace: str) -> pulumi.ResourceHookBinding | None:
    """A hook that logs the reasons, events and last log lines of the pods of a workload that
    failed."""
    if client is None:
        return None

    def hook(args: pulumi.ErrorHookArgs) -> bool:
        inputs = args.new_inputs or {}
        labels = (inputs.get("spec") or {}).get("selector", {}).get("matchLabels")
        # The pods of a job, or of an operator, have the labels of the object that created them.
        labels = labels or (inputs.get("metadata") or {}).get("labels", {})
        for report in reports_or_why_not(client, namespace, labels):
            pulumi.log.error(report)
        return False

    return pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook("explain-workload", hook)])


def reports_or_why_not(client: Any, namespace: str, labels: Mapping[str, str]) -> Iterator[str]:
    """The reports. If the cluster does not provide them, the workload's own error must still
    appear."""
    try:
        yield from reports(client, namespace, labels)
    except Exception as error:
        yield f"the cluster did not report the reason: {error}"


def no_answer() -> tuple[type[Exception], ...]:
    """What a request raises where the API server refuses it or does not answer."""
    from kubernetes.client import ApiException
    from urllib3.exceptions import HTTPError

    return ApiException, HTTPError, OSError


def selector(labels: Mapping[str, str]) -> str:
    """Labels in the API's notation for selecting objects."""
    return ",".join(f"{name}={value}" for name, value in labels.items())


def reports(client: Any, namespace: str, labels: Mapping[str, str]) -> Iterator[str]:
    """A report for each pod that is not ready."""
    from kubernetes.client import CoreV1Api

    core = CoreV1Api(client)
    pods = core.list_namespaced_pod(
        namespace, label_selector=selector(labels), _request_timeout=LIMIT
    ).items
    if not pods:
        yield "the cluster created no pod; `kubectl describe` of the workload shows why"
    for pod in pods:
        if not _ready(pod) and pod.status.phase != "Succeeded":
            yield "\n".join(_report(core, namespace, pod))


def _report(core: Any, namespace: str, pod: Any) -> Iterator[str]:
    name = pod.metadata.name
    yield f"{name} is {pod.status.phase} and not ready"
    # Two conditions have the same message if containers are not ready.
    yield from dict.fromkeys(
        f"  {condition.reason}: {condition.message}"
        for condition in pod.status.conditions or []
        if condition.status != "True" and condition.message
    )
    statuses = [*(pod.status.init_container_statuses or []), *(pod.status.container_statuses or [])]
    if any(_explained_by_events(status) for status in statuses):
        yield from _warnings(core, namespace, name)
    for status in statuses:
        yield from summary(status)
        if status.ready or (status.state.waiting and not status.restart_count):
            continue
        # The log of the run that failed, unless the container runs again.
        previous = bool(status.restart_count) and not status.state.running
        yield f"  last log lines (kubectl logs -n {namespace} {name} -c {status.name}):"
        logged = _log(core, namespace, name, status.name, previous)
        yield from (f"    {line}" for line in logged.splitlines())


def summary(status: Any) -> Iterator[str]:
    """One container's state, as the kubelet reports it."""
    waiting, ended = status.state.waiting, status.last_state.terminated
    now = status.state.terminated
    if waiting:
        message = f": {waiting.message}" if waiting.message else ""
        yield f"  {status.name} waits: {waiting.reason}{message}"
    elif now and not status.ready:
        yield f"  {status.name} ended: {now.reason}, exit code {now.exit_code}"
    elif not status.ready:
        yield f"  {status.name} runs and is not ready; restarted {status.restart_count} times"
    if ended:
        yield f"  {status.name} ended before: {ended.reason}, exit code {ended.exit_code}"


def _explained_by_events(status: Any) -> bool:
    """Whether events explain the state: the container waits for something such as a Secret, or it
    runs and its probe fails."""
    waiting = status.state.waiting
    if waiting:
        return waiting.reason in ("ContainerCreating", "PodInitializing")
    return bool(status.state.running) and not status.ready


def _warnings(core: Any, namespace: str, pod: str) -> Iterator[str]:
    from kubernetes.client import ApiException

    chosen = f"involvedObject.name={pod},type=Warning"
    try:
        events = core.list_namespaced_event(
            namespace, field_selector=chosen, _request_timeout=LIMIT
        ).items
    except ApiException as error:
        yield f"  no events: {error.reason}"
        return
    for text in dict.fromkeys(f"{event.reason}: {event.message}" for event in events):
        yield f"  {text}"


def _log(core: Any, namespace: str, pod: str, container: str, previous: bool) -> str:
    from kubernetes.client import ApiException

    try:
        logged: str = core.read_namespaced_pod_log(
            pod,
            namespace,
            container=container,
            tail_lines=LAST_LINES,
            previous=previous,
            _request_timeout=LIMIT,
        )
    except ApiException as error:
        return f"no log: {error.reason}"
    return logged


def _ready(pod: Any) -> bool:
    return any(
        condition.type == "Ready" and condition.status == "True"
        for condition in pod.status.conditions or []
    )
