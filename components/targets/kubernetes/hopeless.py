"""Why a roll-out or a job cannot succeed, so that `up` need not wait until its time is over."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Object = Mapping[str, Any]

_PULLING = ("ErrImagePull", "ImagePullBackOff")
# What containerd and registries answer about an image that does not exist. A registry that is not
# reached, or that refuses for a moment, is another matter: the kubelet tries again.
_MISSING = re.compile(r"code = NotFound|manifest unknown|name unknown|: not found\b")


def reason(workload: Object, pods: Iterable[Object]) -> str | None:
    """What the cluster says about an object that is not rolled out or done; None while it may still
    succeed. `pods` may include those of an older version."""
    if missing := next(_missing_images(workload["spec"]["template"]["spec"], pods), None):
        return f"the registry does not have {missing}"
    if workload["kind"] == "Job":
        return _failure(workload)
    return "its progress deadline is exceeded" if _is_given_up(workload) else None


def _failure(job: Object) -> str | None:
    """Why the cluster tries a job no more."""
    for condition in job.get("status", {}).get("conditions") or []:
        if condition["type"] == "Failed" and condition["status"] == "True":
            return f"{condition['reason']}: {condition['message']}"
    return None


def _is_given_up(workload: Object) -> bool:
    """Whether the cluster gave up on the newest version of a Deployment."""
    status = workload.get("status", {})
    if status.get("observedGeneration", 0) < workload["metadata"]["generation"]:
        return False
    return any(
        condition["type"] == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded"
        for condition in status.get("conditions") or []
    )


def _missing_images(template: Object, pods: Iterable[Object]) -> Iterator[str]:
    """The images of the newest version that a pod cannot get, because they do not exist."""
    newest = set(_images(template).values())
    for pod in pods:
        images = _images(pod["spec"])
        for status in _statuses(pod):
            waiting = (status.get("state") or {}).get("waiting") or {}
            image = images.get(status["name"])
            missing = waiting.get("reason") in _PULLING and _MISSING.search(
                waiting.get("message") or ""
            )
            if missing and image in newest:
                yield image


def _images(spec: Object) -> dict[str, str]:
    containers = [*(spec.get("initContainers") or []), *spec["containers"]]
    return {container["name"]: container["image"] for container in containers}


def _statuses(pod: Object) -> list[Object]:
    status = pod.get("status", {})
    return [
        *(status.get("initContainerStatuses") or []),
        *(status.get("containerStatuses") or []),
    ]
