"""Roll-outs and jobs that cannot succeed: when they end, so that all of them are explained."""

import asyncio
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pulumi
import pytest
from kubernetes.client import ApiException

from components.targets.kubernetes import rollouts
from tests.unit.components.targets.kubernetes.controllers import (
    Cluster,
    controller,
    deployment,
    finish,
    gate,
    job,
    labels,
    of,
)

pytestmark = pytest.mark.usefixtures("log")


MISSING = {
    "metadata": {"labels": labels("backend")},
    "spec": {"containers": [{"name": "backend", "image": "acme/backend:9"}]},
    "status": {
        "containerStatuses": [
            {
                "name": "backend",
                "state": {
                    "waiting": {
                        "reason": "ErrImagePull",
                        "message": "rpc error: code = NotFound desc = acme/backend:9: not found",
                    }
                },
            }
        ]
    },
}


def pulling(image: str = "acme/backend:9") -> dict[str, Any]:
    template = {"spec": {"containers": [{"name": "backend", "image": image}]}}
    workload = controller(readyReplicas=0)
    return {**workload, "spec": {**workload["spec"], "template": template}}


def test_an_image_that_does_not_exist_fails_up_at_the_second_look(log: list[str]) -> None:
    cluster = Cluster([pulling()], pods=[[MISSING]])
    with patch.object(rollouts, "LOOK", 0), pytest.raises(pulumi.RunError) as caught:
        finish(cluster, deployment(patience=3600))
    assert str(caught.value) == (
        "not done after 0 s: Deployment backend: 0 of 1 pods are ready; the registry does "
        "not have acme/backend:9"
    )
    assert cluster.looks == 2
    assert log[-1] == "error: the pods of backend in acme pull an image"


def test_a_status_that_a_broken_version_left_fails_nothing() -> None:
    cluster = Cluster([pulling()], [pulling()], [pulling()], [controller()], pods=[[MISSING], []])
    with patch.object(rollouts, "LOOK", 0):
        finish(cluster, deployment(patience=3600))


def test_pods_that_the_cluster_does_not_list_fail_nothing() -> None:
    refused = ApiException(status=403, reason="Forbidden")
    cluster = Cluster([pulling()], [pulling()], [pulling()], [controller()], pods=[refused])
    with patch.object(rollouts, "LOOK", 0):
        finish(cluster, deployment(patience=3600))
    assert cluster.looks


def test_a_failure_waits_for_what_else_is_awaited_so_that_all_of_it_is_explained() -> None:
    failing = of(Cluster([controller(readyReplicas=0)]))
    other = gate()
    failing.awaited.add(other)

    async def both() -> None:
        wait = asyncio.ensure_future(failing.finish([deployment(patience=60)]))
        for _ in range(50):
            await asyncio.sleep(0.001)
        assert not wait.done()
        failing.awaited.discard(other)
        await wait

    with (
        patch.object(failing.client, "answers", [[]]),
        pytest.raises(pulumi.RunError, match="it is not on the cluster"),
    ):
        asyncio.run(both())


def test_a_roll_out_that_an_earlier_run_gave_up_on_may_succeed_now() -> None:
    """The cause may be mended without a change of the Deployment, such as by more nodes."""
    late = pulling()
    condition = {"type": "Progressing", "reason": "ProgressDeadlineExceeded"}
    late["status"]["conditions"] = [condition | {"lastUpdateTime": "2026-01-01T03:00:00Z"}]
    for given_up, fails in (({"backend": "2026-01-01T03:00:00Z"}, False), ({}, True)):
        cluster = Cluster([late], [late], [late], [late], [late], [controller()])
        waiting = replace(of(cluster), given_up=given_up)
        with patch.object(rollouts, "LOOK", 0):
            if fails:
                with pytest.raises(pulumi.RunError, match="its progress deadline is exceeded"):
                    asyncio.run(waiting.finish([deployment(patience=3600)]))
            else:
                asyncio.run(waiting.finish([deployment(patience=3600)]))


def test_a_job_is_awaited_until_it_is_done() -> None:
    cluster = Cluster([job()], [job()], [job("SuccessCriteriaMet", "Complete")])
    finish(cluster, gate())
    assert len(cluster.questions) == 3


def test_a_job_that_failed_fails_up_with_the_reason_and_the_reports_of_its_pods(
    log: list[str],
) -> None:
    with patch.object(rollouts, "LOOK", 0), pytest.raises(pulumi.RunError) as caught:
        finish(Cluster([job("FailureTarget", "Failed")]), gate(patience=3600))
    assert "Job gate-1: it has not succeeded; BackoffLimitExceeded: limit reached" in str(
        caught.value
    )
    assert "error: the pods of gate in acme pull an image" in log
