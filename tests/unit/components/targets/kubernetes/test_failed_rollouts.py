"""Roll-outs and jobs that cannot succeed: when they end, so that all of them are explained."""

import asyncio
from types import SimpleNamespace
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
        "not rolled out after 0 s: Deployment backend: 0 of 1 pods are ready; the registry does "
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
    failing.awaited.add("a-job")

    async def both() -> None:
        wait = asyncio.ensure_future(failing.finish([deployment(patience=60)]))
        for _ in range(50):
            await asyncio.sleep(0.001)
        assert not wait.done()
        failing.awaited.discard("a-job")
        await wait

    with (
        patch.object(failing.client, "answers", [[]]),
        pytest.raises(pulumi.RunError, match="it is not on the cluster"),
    ):
        asyncio.run(both())


def test_a_failed_job_waits_for_roll_outs_so_that_they_are_explained() -> None:
    noting = of(Cluster([]))
    other = deployment()
    noting.awaited.add(other)
    with (
        patch("pulumi.ResourceHook", lambda name, hook: hook),
        patch("pulumi.ErrorHook", lambda name, hook: hook),
    ):
        (failed,) = noting.job_hooks("gate").on_error or []

    async def both() -> None:
        answer = asyncio.ensure_future(failed(SimpleNamespace()))  # type: ignore[arg-type]
        for _ in range(50):
            await asyncio.sleep(0.001)
        assert not answer.done()
        # The roll-out's own error must not end the program before the engine has the answer.
        assert noting.failing == {"gate"}
        noting.awaited.discard(other)
        assert await answer is False
        assert noting.failing == set()

    asyncio.run(both())


def test_a_job_is_awaited_from_its_begin_to_its_end_or_its_failure() -> None:
    noting = of(Cluster([]))
    with (
        patch("pulumi.ResourceHook", lambda name, hook: hook),
        patch("pulumi.ErrorHook", lambda name, hook: hook),
    ):
        bound = noting.job_hooks("gate")
    ((begun,), (ended,), (failed,)) = (
        bound.before_create or [],
        bound.after_create or [],
        bound.on_error or [],
    )
    job = SimpleNamespace(new_inputs={"metadata": {"name": "gate-1"}})

    async def run(end: Any) -> None:
        await begun(job)  # type: ignore[arg-type, misc]
        (watch,) = noting.watches.values()
        assert noting.awaited == {"gate"}
        assert not await end(job)
        assert noting.awaited == set()
        with pytest.raises(asyncio.CancelledError):
            await watch

    for end in (ended, failed):
        asyncio.run(run(end))
        assert noting.watches == {}
