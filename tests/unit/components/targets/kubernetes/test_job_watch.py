"""A job whose image does not exist is ended."""

import asyncio
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from kubernetes.client import ApiException

from components.targets.kubernetes import job_watch

NOT_FOUND = "rpc error: code = NotFound desc = acme/reports:9: not found"


class Cluster:
    """The API of a cluster with one job, whose pod waits for its image with these messages."""

    def __init__(self, *messages: str | Exception) -> None:
        self.messages = list(messages)
        self.patches: list[tuple[str, str, Any]] = []
        self.ended = False

    def read_namespaced_job(self, name: str, namespace: str, **_: Any) -> SimpleNamespace:
        spec = {"containers": [{"name": "reports", "image": "acme/reports:9"}]}
        return SimpleNamespace(data=json.dumps({"spec": {"template": {"spec": spec}}}))

    def list_namespaced_pod(self, namespace: str, label_selector: str, **_: Any) -> SimpleNamespace:
        assert label_selector == "batch.kubernetes.io/job-name=reports-1"
        message = self.messages.pop(0)
        self.ended = not self.messages
        if isinstance(message, Exception):
            raise message
        waiting = {"reason": "ErrImagePull", "message": message}
        pod = {
            "spec": {"containers": [{"name": "reports", "image": "acme/reports:9"}]},
            "status": {"containerStatuses": [{"name": "reports", "state": {"waiting": waiting}}]},
        }
        return SimpleNamespace(data=json.dumps({"items": [pod]}))

    def patch_namespaced_job(self, name: str, namespace: str, body: Any, **_: Any) -> None:
        self.patches.append((namespace, name, body))


@pytest.fixture(autouse=True)
def log() -> Iterator[list[str]]:
    """The logged lines. No time passes between two looks, and the pods have one report."""
    lines: list[str] = []
    with (
        patch("kubernetes.client.BatchV1Api", lambda client: client),
        patch("kubernetes.client.CoreV1Api", lambda client: client),
        patch.object(job_watch, "LOOK", 0),
        patch(
            "components.targets.kubernetes.failure.reports_or_why_not",
            lambda *_: ["its pod waits for its image"],
        ),
        patch("pulumi.log.error", lines.append),
    ):
        yield lines


def watch(cluster: Cluster) -> None:
    """Watch the job until it is ended, or the cluster has given its last answer."""

    async def in_thread(query: Any, *arguments: Any) -> Any:
        return query(*arguments)

    asyncio.run(job_watch.watch(cluster, "acme", "reports-1", lambda: not cluster.ended, in_thread))


def test_a_job_is_ended_when_two_looks_say_that_its_image_does_not_exist(log: list[str]) -> None:
    cluster = Cluster("connection refused", NOT_FOUND, NOT_FOUND, NOT_FOUND)
    watch(cluster)
    assert cluster.patches == [("acme", "reports-1", {"spec": {"activeDeadlineSeconds": 1}})]
    assert log == [
        "its pod waits for its image",
        "job reports-1 cannot run: the registry does not have acme/reports:9",
    ]


@pytest.mark.parametrize(
    "messages",
    [
        ("connection refused", "connection refused", "connection refused"),
        (NOT_FOUND, "connection refused", NOT_FOUND),
        (ApiException(status=404), ApiException(status=404)),
    ],
)
def test_a_job_that_may_still_run_is_left_alone(messages: Any, log: list[str]) -> None:
    cluster = Cluster(*messages)
    watch(cluster)
    assert cluster.patches == []
    assert log == []


def test_a_job_that_has_ended_is_watched_no_longer() -> None:
    cluster = Cluster()
    cluster.ended = True
    watch(cluster)
    assert cluster.patches == []
