"""Which roll-outs an earlier run left unfinished."""

from typing import Any

import pytest
from kubernetes.client import ApiException

from components.targets.kubernetes.progress import finished
from components.targets.kubernetes.rollouts import find
from tests.unit.components.targets.kubernetes.controllers import (
    INSTANCE,
    Cluster,
    controller,
    job,
)


@pytest.fixture(autouse=True)
def api(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each `Cluster` is its own client."""
    for api in ("AppsV1Api", "BatchV1Api"):
        monkeypatch.setattr(f"kubernetes.client.{api}", lambda client: client)


def progressing(reason: str, **fields: Any) -> dict[str, Any]:
    deployment = controller(**fields)
    deployment["status"]["conditions"] = [
        {"type": "Available", "reason": "MinimumReplicasAvailable"},
        {"type": "Progressing", "reason": reason, "lastUpdateTime": "2026-01-01T03:00:00Z"},
    ]
    return deployment


def revisions(current: str, update: str, **fields: Any) -> dict[str, Any]:
    stateful = controller("postgres", **fields)
    stateful["status"] |= {"currentRevision": current, "updateRevision": update}
    return stateful


@pytest.mark.parametrize(
    ("workload", "expected"),
    [
        (progressing("NewReplicaSetAvailable"), True),
        # A pod that became unavailable later does not belong to the roll-out.
        (progressing("NewReplicaSetAvailable", readyReplicas=0), True),
        (progressing("NewReplicaSetAvailable", observedGeneration=1), False),
        (progressing("ReplicaSetUpdated"), False),
        (progressing("ProgressDeadlineExceeded"), False),
        (revisions("1", "1"), True),
        (revisions("1", "1", readyReplicas=0), True),
        (revisions("1", "1", observedGeneration=1), False),
        (revisions("1", "2"), False),
        (job(), False),
        (job("Complete"), True),
        (job("Failed"), True),
    ],
)
def test_a_roll_out_stays_finished_once_the_cluster_has_reported_it(
    workload: Any, expected: bool
) -> None:
    assert finished(workload) is expected


def test_roll_outs_that_an_earlier_run_left_unfinished_are_found_before_anything_changes() -> None:
    both = [progressing("ProgressDeadlineExceeded"), revisions("1", "1")]
    jobs = [job(name="running"), job("Complete", name="done"), job("Failed", name="failed")]
    cluster = Cluster([both[0]], [both[1]], jobs)
    rollouts = find(cluster, "acme", INSTANCE)
    assert rollouts.unfinished == {("Deployment", "backend"), ("Job", "running")}
    assert rollouts.given_up == {"backend": "2026-01-01T03:00:00Z"}
    assert rollouts.failed_jobs == {"failed": "uid-of-failed"}
    selector = "app.kubernetes.io/instance=prod"
    assert cluster.questions == [
        ("Deployment", "acme", selector),
        ("StatefulSet", "acme", selector),
        ("Job", "acme", selector),
    ]


def test_without_an_answer_no_roll_out_counts_as_unfinished() -> None:
    refused = ApiException(status=403, reason="Forbidden")
    assert find(Cluster(refused), "acme", INSTANCE).unfinished == frozenset()
