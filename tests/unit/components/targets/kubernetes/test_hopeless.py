"""Why a roll-out cannot succeed any more."""

from typing import Any

import pytest

from components.targets.kubernetes import hopeless

GIVEN_UP = "2026-01-01T03:00:00Z"
IMAGE = "registry.example.com/acme/backend:9"


def workload(*, generation: int = 2, observed: int = 2, progressing: str = "") -> dict[str, Any]:
    condition = {"type": "Progressing", "status": "False", "reason": progressing}
    condition["lastUpdateTime"] = GIVEN_UP
    spec = {"containers": [{"name": "backend", "image": IMAGE}]}
    return {
        "kind": "Deployment",
        "metadata": {"generation": generation},
        "spec": {"template": {"spec": spec}},
        "status": {
            "observedGeneration": observed,
            "conditions": [{"type": "Available"}, *([condition] if progressing else [])],
        },
    }


def pod(
    message: str | None, *, reason: str = "ErrImagePull", image: str = IMAGE, init: bool = False
) -> dict[str, Any]:
    status = {"name": "backend", "state": {"waiting": {"reason": reason, "message": message}}}
    return {
        "spec": {"initContainers" if init else "containers": [{"name": "backend", "image": image}]}
        | ({"containers": []} if init else {}),
        "status": {"initContainerStatuses" if init else "containerStatuses": [status]},
    }


NOT_FOUND = f'rpc error: code = NotFound desc = failed to resolve image: "{IMAGE}": not found'


@pytest.mark.parametrize(
    ("message", "gone"),
    [
        (NOT_FOUND, True),
        (f'Back-off pulling image "{IMAGE}": ErrImagePull: {NOT_FOUND}', True),
        ("unexpected status from HEAD request: manifest unknown", True),
        # The registry, or the way to it, is not there for a moment.
        ("failed to do request: dial tcp: lookup registry.example.com: no such host", False),
        ("failed to do request: dial tcp 10.0.0.1:443: connect: connection refused", False),
        ("unexpected status code 503 Service Unavailable", False),
        (f'Back-off pulling image "{IMAGE}"', False),
        (None, False),
    ],
)
def test_only_an_image_that_does_not_exist_dooms_a_roll_out(
    message: str | None, gone: bool
) -> None:
    expected = f"the registry does not have {IMAGE}" if gone else None
    for reason in ("ErrImagePull", "ImagePullBackOff"):
        assert hopeless.reason(workload(), [pod(message, reason=reason)]) == expected
    assert hopeless.reason(workload(), [pod(message, reason="ContainerCreating")]) is None


@pytest.mark.parametrize(
    ("reason", "message", "expected"),
    [
        (
            "InvalidImageName",
            "couldn't parse image name",
            f"{IMAGE} is not a valid name of an image",
        ),
        (
            "ErrImageNeverPull",
            "Container image is not present with pull policy of Never",
            f"the node does not have {IMAGE}, and the pull policy is Never",
        ),
        (
            "ErrImagePull",
            f'rpc error: code = NotFound desc = failed to pull "{IMAGE}": no match for platform in '
            "manifest: not found",
            f"{IMAGE} has no build for the node's platform",
        ),
        (
            "ErrImagePull",
            "pull access denied, repository does not exist or may require authorization",
            f"the registry does not have {IMAGE}, or it needs a login that may pull it",
        ),
    ],
)
def test_an_image_that_no_pull_brings_is_explained(
    reason: str, message: str, expected: str
) -> None:
    assert hopeless.reason(workload(), [pod(message, reason=reason)]) == expected


def test_an_image_of_an_older_version_does_not_matter() -> None:
    assert hopeless.reason(workload(), [pod(NOT_FOUND, image="acme/backend:8")]) is None


def test_the_image_of_a_step_counts_too() -> None:
    steps = workload()
    spec = steps["spec"]["template"]["spec"]
    spec["initContainers"] = [{"name": "step", "image": IMAGE}]
    assert hopeless.reason(steps, [pod(NOT_FOUND, init=True)])


def test_a_roll_out_ends_when_the_cluster_gives_up_on_it() -> None:
    given_up = workload(progressing="ProgressDeadlineExceeded")
    assert hopeless.reason(given_up, []) == "its progress deadline is exceeded"
    # An earlier run waited for it, and the cause may be mended since.
    assert hopeless.reason(given_up, [], given_up_before=GIVEN_UP) is None
    assert hopeless.reason(given_up, [], given_up_before="2026-01-01T02:00:00Z")
    # The condition belongs to the version before.
    stale = workload(progressing="ProgressDeadlineExceeded", observed=1)
    assert hopeless.reason(stale, []) is None
    assert hopeless.reason(workload(progressing="ReplicaSetUpdated"), []) is None


def test_a_pod_that_has_not_reported_yet_dooms_nothing() -> None:
    assert hopeless.reason(workload(), [{"spec": {"containers": []}}]) is None
