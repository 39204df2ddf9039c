from __future__ import annotations

from typing import Any

import pytest

from airgap.plugins.kubernetes.kinds import Object
from airgap.plugins.kubernetes.operations import Objects
from airgap.plugins.kubernetes.waits.check import READY
from airgap.plugins.kubernetes.waits.workloads import DaemonSet, Deployment, Job, Pod, StatefulSet
from tests.unit.airgap.plugins.kubernetes.conftest import FakeApi
from tests.unit.airgap.plugins.kubernetes.waits.conftest import condition, thing

REVISION = "deployment.kubernetes.io/revision"


def deployment(**status: Any) -> Object:
    done = {
        "observedGeneration": 1,
        "replicas": 2,
        "updatedReplicas": 2,
        "availableReplicas": 2,
    }
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": "x"}}}
    return thing("Deployment", spec, done | status, annotations={REVISION: "2"})


def stateful_set(generation: int = 1, strategy: str = "RollingUpdate", **status: Any) -> Object:
    done = {
        "observedGeneration": generation,
        "replicas": 1,
        "readyReplicas": 1,
        "currentReplicas": 1,
        "currentRevision": "a",
        "updateRevision": "a",
    }
    spec = {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "x"}},
        "updateStrategy": {"type": strategy},
    }
    return thing("StatefulSet", spec, done | status, generation=generation)


def test_a_deployment_is_ready_when_all_that_is_left_is_new_and_available(
    objects: Objects,
) -> None:
    assert Deployment(objects).look(deployment()) == READY


@pytest.mark.parametrize(
    "status",
    [
        {"observedGeneration": 0},
        {"updatedReplicas": 1},
        {"replicas": 3},
        {"availableReplicas": 1},
    ],
)
def test_a_deployment_that_still_rolls_is_not_ready(
    objects: Objects, status: dict[str, Any]
) -> None:
    look = Deployment(objects).look(deployment(**status))
    assert not look.ready
    available = status.get("availableReplicas", 2)
    assert look.doing.endswith(f"to be available ({available}/2 Pods available)")


def test_a_deployment_scaled_to_nothing_is_ready(objects: Objects) -> None:
    none = deployment() | {"spec": {"replicas": 0}}
    none["status"] = {"observedGeneration": 1}
    assert Deployment(objects).look(none).ready


def test_a_deployment_tells_its_conditions_and_the_newest_pods_reasons(
    objects: Objects, api: FakeApi
) -> None:
    live = deployment(
        availableReplicas=0,
        conditions=[
            condition("Available", "False"),
            condition("Progressing", "False", reason="ProgressDeadlineExceeded", message="slow"),
            condition("ReplicaFailure", "True", reason="FailedCreate", message="over quota"),
        ],
    )
    owner = {"ownerReferences": [{"uid": "uid"}]}
    api.lists["/apis/apps/v1/namespaces/ns/replicasets"] = [
        thing("ReplicaSet", **owner, annotations={REVISION: "1"}) | {"metadata": {"uid": "old"}},
        thing("ReplicaSet", live["spec"])
        | {
            "metadata": {
                "uid": "new",
                "namespace": "ns",
                "annotations": {REVISION: "2"},
                "ownerReferences": [{"uid": "uid"}],
            }
        },
    ]
    unscheduled = condition("PodScheduled", "False", reason="Unschedulable", message="no node")
    pods = [
        thing("Pod", status={"conditions": [unscheduled]}, ownerReferences=[{"uid": uid}])
        for uid in ("old", "new")
    ]
    api.lists["/api/v1/namespaces/ns/pods"] = pods
    api.lists["/api/v1/namespaces/ns/events"] = []
    assert Deployment(objects).reasons(live) == [
        "[ProgressDeadlineExceeded] slow",
        "[FailedCreate] over quota",
        "Minimum number of live Pods was not attained",
        "[Pod ns/x]: no node",
    ]


def test_a_roll_out_past_its_deadline_is_told_and_waited_for_as_by_the_official_plugin(
    objects: Objects, api: FakeApi
) -> None:
    """A pod that gets ready after all ends it well."""
    api.lists["/apis/apps/v1/namespaces/ns/replicasets"] = []
    late = condition("Progressing", "False", reason="ProgressDeadlineExceeded", message="slow")
    live = deployment(updatedReplicas=1, conditions=[condition("Available"), late])
    look = Deployment(objects).look(live)
    assert not look.ready
    assert not look.failed
    assert "[ProgressDeadlineExceeded] slow" in Deployment(objects).reasons(live)


def test_a_deployment_whose_old_pods_serve_says_that_the_new_ones_do_not(
    objects: Objects, api: FakeApi
) -> None:
    api.lists["/apis/apps/v1/namespaces/ns/replicasets"] = []
    live = deployment(updatedReplicas=1, conditions=[condition("Available")])
    assert Deployment(objects).reasons(live) == [
        "Attempted to roll forward to new ReplicaSet, but minimum number of Pods did not become "
        "live"
    ]


def test_a_stateful_set_is_ready_when_every_replica_is_of_one_revision(objects: Objects) -> None:
    check = StatefulSet(objects)
    assert check.look(stateful_set()) == READY
    assert not check.look(stateful_set(readyReplicas=0)).ready
    assert not check.look(stateful_set(observedGeneration=0)).ready
    assert not check.look(stateful_set(updateRevision="b")).ready


def test_a_stateful_set_whose_pods_are_replaced_by_hand_needs_no_new_revision(
    objects: Objects,
) -> None:
    by_hand = stateful_set(2, "OnDelete", currentReplicas=0, updateRevision="b")
    assert StatefulSet(objects).look(by_hand).ready


def test_a_stateful_set_counts_only_new_pods_of_an_update(objects: Objects) -> None:
    look = StatefulSet(objects).look(stateful_set(2, updatedReplicas=0, updateRevision="b"))
    assert look.doing == "[1/3] Waiting for StatefulSet update to roll out (0/1 Pods ready)"
    look = StatefulSet(objects).look(stateful_set(readyReplicas=0))
    assert look.doing == "[1/2] Waiting for StatefulSet to create Pods (0/1 Pods ready)"


def test_a_stateful_set_says_what_keeps_it_from_making_pods(objects: Objects, api: FakeApi) -> None:
    api.lists["/api/v1/namespaces/ns/pods"] = []
    api.lists["/api/v1/namespaces/ns/events"] = [
        {"reason": "FailedCreate", "message": "violates PodSecurity", "lastTimestamp": "1"}
    ]
    assert StatefulSet(objects).reasons(stateful_set(readyReplicas=0, updateRevision="b")) == [
        "0 out of 1 replicas succeeded readiness checks",
        'StatefulSet controller failed to advance from revision "a" to revision "b"',
        "[FailedCreate] violates PodSecurity",
    ]


def test_a_daemon_set_is_ready_on_every_node_that_wants_it(objects: Objects) -> None:
    status = {"observedGeneration": 1, "desiredNumberScheduled": 2, "updatedNumberScheduled": 2}
    check = DaemonSet(objects)
    assert check.look(thing("DaemonSet", status=status | {"numberReady": 2})).ready
    look = check.look(thing("DaemonSet", status=status | {"numberReady": 1}))
    assert look.doing == "Waiting for DaemonSet to roll out (1/2 Pods ready)"


def test_a_job_is_ready_when_it_is_complete_and_fails_at_once(objects: Objects) -> None:
    check = Job(objects)
    assert check.look(thing("Job", status={"conditions": [condition("Complete")]})).ready
    failed = condition("Failed", reason="BackoffLimitExceeded", message="no more tries")
    look = check.look(thing("Job", status={"conditions": [failed]}))
    assert look.failed == "[BackoffLimitExceeded] no more tries"
    look = check.look(thing("Job", status={"active": 1}))
    assert look.doing == (
        'Waiting for Job "ns/x" to succeed (Active: 1 | Succeeded: 0 | Failed: 0)'
    )


def test_a_pod_is_ready_when_it_says_so_or_has_succeeded(objects: Objects) -> None:
    check = Pod(objects)
    assert check.look(thing("Pod", status={"conditions": [condition("Ready")]})).ready
    assert check.look(thing("Pod", status={"phase": "Succeeded"})).ready
    assert not check.look(thing("Pod", status={"phase": "Running"})).ready
