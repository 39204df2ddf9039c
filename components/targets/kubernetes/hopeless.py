"""Why a roll-out or a job cannot succeed, so that `up` need not wait until its time is over."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Object = Mapping[str, Any]

_PULLING = ("ErrImagePull", "ImagePullBackOff")
# What containerd and registries answer about an image that does not exist. A registry that is not
# reached, or that refuses for a moment, is another matter: the kubelet tries again.
_MISSING = re.compile(
    r"code = NotFound|manifest unknown|name unknown|repository does not exist|: not found\b"
)
# Docker Hub gives this answer also to a login that may not pull an image, and without a login.
_DENIED = re.compile(r"may require authorization")
_OTHER_PLATFORM = re.compile(r"no match for platform in manifest")


def reason(
    workload: Object, pods: Iterable[Object], given_up_before: str | None = None
) -> str | None:
    """What the cluster says about an object that is not rolled out or done; None while it may still
    succeed. `pods` may include those of an older version.

    `given_up_before` is when the cluster gave up on it before this run. It may succeed since,
    because the cause may be mended without a change of the object.
    """
    if problem := next(_problems(workload["spec"]["template"]["spec"], pods), None):
        return problem
    if workload["kind"] == "Job":
        return _failure(workload)
    is_given_up = given_up(workload) not in (None, given_up_before)
    return "its progress deadline is exceeded" if is_given_up else None


def _failure(job: Object) -> str | None:
    """Why the cluster tries a job no more."""
    for condition in job.get("status", {}).get("conditions") or []:
        if condition["type"] == "Failed" and condition["status"] == "True":
            return f"{condition['reason']}: {condition['message']}"
    return None


def given_up(workload: Object) -> str | None:
    """When the cluster gave up on the newest version of a Deployment; None if it did not."""
    status = workload.get("status", {})
    if status.get("observedGeneration", 0) < workload["metadata"]["generation"]:
        return None
    for condition in status.get("conditions") or []:
        is_late = condition.get("reason") == "ProgressDeadlineExceeded"
        if condition["type"] == "Progressing" and is_late:
            time: str = condition.get("lastUpdateTime", "")
            return time
    return None


def _problems(template: Object, pods: Iterable[Object]) -> Iterator[str]:
    """Why pods cannot get an image of the newest version, whatever time passes."""
    newest = set(_images(template).values())
    for pod in pods:
        images = _images(pod["spec"])
        for status in _statuses(pod):
            waiting = (status.get("state") or {}).get("waiting") or {}
            image = images.get(status["name"])
            problem = _problem(waiting.get("reason"), waiting.get("message") or "")
            if problem and image in newest:
                yield problem.format(image=image)


def _problem(reason: str | None, message: str) -> str | None:
    """What is wrong with an `{image}` that the kubelet cannot get, for good."""
    if reason == "InvalidImageName":
        return "{image} is not a valid name of an image"
    if reason == "ErrImageNeverPull":
        return "the node does not have {image}, and the pull policy is Never"
    if reason not in _PULLING:
        return None
    if _OTHER_PLATFORM.search(message):
        return "{image} has no build for the node's platform"
    if _DENIED.search(message):
        return "the registry does not have {image}, or it needs a login that may pull it"
    return "the registry does not have {image}" if _MISSING.search(message) else None


def _images(spec: Object) -> dict[str, str]:
    containers = [*(spec.get("initContainers") or []), *spec["containers"]]
    return {container["name"]: container["image"] for container in containers}


def _statuses(pod: Object) -> list[Object]:
    status = pod.get("status", {})
    return [
        *(status.get("initContainerStatuses") or []),
        *(status.get("containerStatuses") or []),
    ]
