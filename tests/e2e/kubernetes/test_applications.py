"""Applications that nobody here wrote run on a cluster with the same settings as on Docker.

The tests build on each other: earlier versions are filled with data, an update fails, and the next
one succeeds.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from cluster.images import push_one
from components.settings import merged
from tests.e2e.apps import build, use
from tests.e2e.apps.listeners import SILENCE, Listener, ServerSentEvents, WebSocket
from tests.e2e.kubernetes.stack import ClusterStack
from tests.e2e.stack import eventually, output_of

# The stack has no Ingress, so Kinto has a path, which it knows, instead of a host.
ROUTES = {"web": {"routes": {"records.example.com": None, "/v1/": "records"}}}
# The nodes are small.
SMALL = {"cpu_request": 0.05}


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """The stack, with listeners that are open since the applications were added."""

    stack: ClusterStack
    door: use.FrontDoor
    listeners: tuple[Listener, ...]
    opened: float


def changes(services: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of the applications, with these changes of their services."""
    applications = merged(use.examples(*use.THIRD_PARTY), ROUTES)
    small = dict.fromkeys(applications["api"]["services"], SMALL)
    return merged(
        merged(applications, {"api": {"services": small}}), {"api": {"services": services}}
    )


@pytest.fixture(scope="module")
def deployment(stack: ClusterStack, entry: str) -> Iterator[Deployment]:
    build.ensure(build.THIRD_PARTY)
    for application in build.THIRD_PARTY:
        push_one(stack.cluster.local_cluster.registry, application.reference)
    result = stack.up(**changes(use.EARLIER))
    assert result.returncode == 0, output_of(result)
    with use.front_door(stack, entry) as door:
        listeners = (ServerSentEvents(door, "decisions"), WebSocket(door, "decisions"))
        yield Deployment(stack=stack, door=door, listeners=listeners, opened=time.monotonic())
        for listener in listeners:
            listener.close()
    use.unprotect_secrets(stack)
    result = stack.up()
    assert result.returncode == 0, output_of(result)


def test_every_application_is_reached_through_the_gateway(deployment: Deployment) -> None:
    use.fill(deployment.door)
    use.check(deployment.door)
    assert use.versions(deployment.door) == use.EARLIER_VERSIONS


def test_prometheus_scrapes_them_and_the_gateway_hides_their_metrics(
    deployment: Deployment,
) -> None:
    with deployment.stack.reach("prometheus", 9090) as prometheus:

        def scraped() -> bool:
            answer = prometheus.get("/api/v1/query", params={"query": "up == 1"}).json()
            return {series["metric"]["job"] for series in answer["data"]["result"]} >= use.JOBS

        eventually(scraped, within=90)
    assert use.visible_metrics(deployment.door) == []


def test_a_failed_release_step_is_explained_and_leaves_the_earlier_version(
    deployment: Deployment,
) -> None:
    stack, before = deployment.stack, deployment.stack.uids()
    result = stack.up(**changes(use.with_failing_release()))
    assert result.returncode != 0
    assert use.FAILURE in output_of(result), output_of(result)
    assert stack.uids()["records"] == before["records"]
    assert use.versions(deployment.door) == use.EARLIER_VERSIONS
    use.check(deployment.door)


def test_listeners_hear_what_is_published_after_a_minute_of_silence(
    deployment: Deployment,
) -> None:
    time.sleep(max(0.0, deployment.opened + SILENCE - time.monotonic()))
    deployment.door.messages.publish("decisions", "open the gate")
    assert [listener.next() for listener in deployment.listeners] == ["open the gate"] * 2


def test_an_upgrade_runs_the_release_steps_and_keeps_the_data(deployment: Deployment) -> None:
    result = deployment.stack.up(**changes({}))
    assert result.returncode == 0, output_of(result)
    assert use.versions(deployment.door) == use.VERSIONS
    use.check(deployment.door)


def test_a_restart_of_applications_and_servers_keeps_the_data(deployment: Deployment) -> None:
    stack = deployment.stack
    restarted = ("feeds", "records", "stream", "postgres", "redis")
    pods = [pod["metadata"]["name"] for name in restarted for pod in stack.pods(name)]
    stack.kubectl("delete", *(f"pod/{pod}" for pod in pods), "--wait=true")
    stack.wait_ready()
    eventually(lambda: deployment.door.feeds.categories(), 60)
    use.check(deployment.door)
