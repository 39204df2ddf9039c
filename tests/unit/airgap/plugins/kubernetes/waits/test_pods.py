"""Why pods are not ready."""

from __future__ import annotations

from typing import Any

import pytest

from airgap.plugins.kubernetes.operations import Objects
from airgap.plugins.kubernetes.waits.pods import container_trouble, pod_reasons, unready_reasons
from tests.unit.airgap.plugins.kubernetes.conftest import FakeApi, refusal
from tests.unit.airgap.plugins.kubernetes.waits.conftest import condition, thing

PODS = "/api/v1/namespaces/ns/pods"
EVENTS = "/api/v1/namespaces/ns/events"
LOG = f"{PODS}/x/log"
UNREADY = condition("Ready", "False", reason="ContainersNotReady", message="unready: [c]")
CRASHED = {
    "name": "c",
    "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}},
    "lastState": {"terminated": {"reason": "Error", "exitCode": 1, "finishedAt": "12:00"}},
}


@pytest.fixture(autouse=True)
def no_events(api: FakeApi) -> None:
    api.lists[EVENTS] = []


def container(state: str, **more: Any) -> dict[str, Any]:
    return {"name": "c", "state": {state: more}}


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (
            container("waiting", reason="ErrImagePull", message="not found"),
            ["[ErrImagePull] not found"],
        ),
        (container("waiting", reason="ContainerCreating"), []),
        (container("terminated", reason="Completed", exitCode=0), []),
        (
            container("terminated", reason="OOMKilled", exitCode=137),
            ["container 'c' completed with exit code 137"],
        ),
        (
            container("terminated", reason="Error", exitCode=1, message="no space"),
            ["[Error] no space"],
        ),
        (
            CRASHED,
            [
                "[CrashLoopBackOff] back-off 10s",
                "container 'c' terminated at 12:00 (Error: exit code 1)",
            ],
        ),
        (CRASHED | {"ready": True}, []),
    ],
)
def test_a_container_tells_what_keeps_it(entry: dict[str, Any], told: list[str]) -> None:
    assert container_trouble(entry) == told


def test_an_image_that_cannot_be_pulled_is_named(objects: Objects) -> None:
    waiting = container("waiting", reason="ImagePullBackOff", message='Back-off "no/such:1"')
    pod = thing("Pod", status={"conditions": [UNREADY], "containerStatuses": [waiting]})
    assert pod_reasons(objects, pod) == [
        '[Pod ns/x]: unready: [c] [ImagePullBackOff] Back-off "no/such:1"'
    ]


def test_a_crash_loop_shows_its_last_log_lines(objects: Objects, api: FakeApi) -> None:
    api.logs[LOG] = "starting\nno database\n"
    pod = thing("Pod", status={"conditions": [UNREADY], "containerStatuses": [CRASHED]})
    assert pod_reasons(objects, pod)[-1] == (
        "[Pod ns/x]: last log lines of container 'c':\nstarting\nno database"
    )
    query = next(query for _, path, query, _ in api.asked if path == LOG)
    assert query == {"container": "c", "tailLines": "10", "previous": "true"}


def test_a_container_that_ended_shows_its_own_log_lines(objects: Objects, api: FakeApi) -> None:
    api.logs[LOG] = "done for\n"
    ended = container("terminated", reason="Error", exitCode=1)
    pod = thing("Pod", status={"initContainerStatuses": [ended]})
    assert pod_reasons(objects, pod) == [
        "[Pod ns/x]: container 'c' completed with exit code 1",
        "[Pod ns/x]: last log lines of container 'c':\ndone for",
    ]
    assert "previous" not in next(query for _, path, query, _ in api.asked if path == LOG)


def test_a_pod_that_no_node_takes_says_why(objects: Objects) -> None:
    message = "0/1 nodes are available: 1 Insufficient memory."
    unscheduled = condition("PodScheduled", "False", reason="Unschedulable", message=message)
    pod = thing("Pod", status={"conditions": [unscheduled]})
    assert pod_reasons(objects, pod) == [f"[Pod ns/x]: {message}"]


def test_warnings_tell_what_no_condition_does(objects: Objects, api: FakeApi) -> None:
    api.lists[EVENTS] = [
        {"reason": "Unhealthy", "message": "HTTP 503", "lastTimestamp": "3"},
        {"reason": "FailedMount", "message": "old", "lastTimestamp": "1"},
        {"reason": "FailedMount", "message": 'secret "s" not found', "lastTimestamp": "2"},
        {"reason": "BackOff", "message": "told already", "lastTimestamp": "4"},
    ]
    pod = thing("Pod", status={"conditions": [UNREADY]})
    assert pod_reasons(objects, pod) == [
        "[Pod ns/x]: unready: [c]",
        '[Pod ns/x]: [FailedMount] secret "s" not found',
        "[Pod ns/x]: [Unhealthy] HTTP 503",
    ]
    query = next(query for _, path, query, _ in api.asked if path == EVENTS)
    assert query == {"fieldSelector": "involvedObject.uid=uid,type=Warning"}


def test_of_many_pods_some_tell(objects: Objects, api: FakeApi) -> None:
    owner = thing("StatefulSet", {"selector": {"matchLabels": {"app": "x"}}})
    api.lists[PODS] = [
        thing("Pod", status={"conditions": [UNREADY]}, ownerReferences=[{"uid": "uid"}])
        for _ in range(5)
    ]
    assert unready_reasons(objects, owner) == [
        *(["[Pod ns/x]: unready: [c]"] * 3),
        "and 2 more pods that are not ready",
    ]
    assert ("GET", PODS, {"labelSelector": "app=x"}, None) in api.asked


def test_what_may_not_be_read_is_left_out(objects: Objects, api: FakeApi) -> None:
    del api.lists[EVENTS]
    pod = thing("Pod", status={"conditions": [UNREADY], "containerStatuses": [CRASHED]})
    api.refusals[("GET", LOG)] = [refusal(403, "Forbidden", "no")]
    assert len(pod_reasons(objects, pod)) == 1
