"""Applications that nobody here wrote, and the images of an old platform, with settings only.

All of them are in one stack, as the examples in docs/ describe them. The tests build on each other:
earlier versions are filled with data, an update fails, and the next one succeeds.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest

from components.settings import merged
from operations import docker_stack
from tests.e2e.apps import build, use
from tests.e2e.apps.listeners import SILENCE, Listener, ServerSentEvents, WebSocket
from tests.e2e.stack import (
    ENDPOINTS,
    Stack,
    eventually,
    free_ports,
    output_of,
    temporary_stack,
)
from tests.e2e.test_life import all_healthy
from tests.e2e.test_monitoring import query_prometheus


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """The stack, with listeners that are open since its first `up`."""

    stack: Stack
    door: use.FrontDoor
    listeners: tuple[Listener, ...]
    opened: float


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    build.ensure((*build.THIRD_PARTY, *build.OLD_PLATFORM))
    with temporary_stack("e2e-apps") as stack:
        stack.settings = merged(stack.settings, use.examples(*use.THIRD_PARTY, "old-platform"))
        # Everything else is reached through the gateway only.
        published = free_ports(("web", "prometheus", "records"))
        stack.settings["docker"]["ports"] = {**dict.fromkeys(ENDPOINTS), **published}
        result = stack.up(api={"services": use.EARLIER})
        assert result.returncode == 0, output_of(result)
        url = stack.endpoints()["web"]
        assert url
        with use.front_door(stack, url) as door:
            listeners = (ServerSentEvents(door, "decisions"), WebSocket(door, "decisions"))
            yield Deployment(stack=stack, door=door, listeners=listeners, opened=time.monotonic())
            for listener in listeners:
                listener.close()


def test_every_application_is_healthy_and_reached_through_the_gateway(
    deployment: Deployment,
) -> None:
    assert all_healthy(deployment.stack)
    use.fill(deployment.door)
    use.check(deployment.door)
    assert use.versions(deployment.door) == use.EARLIER_VERSIONS
    page = deployment.door.old_platform.page()
    assert "The old platform's page" in page
    assert deployment.door.old_platform.observe("camera-1") == "watch camera-1"
    assert deployment.door.old_platform.observations() == {
        "rows": 1,
        "files": 1,
        "last_decision": "watch camera-1",
    }


def test_each_has_an_endpoint_at_the_gateway_or_at_a_port_of_its_own(
    deployment: Deployment,
) -> None:
    endpoints = deployment.stack.endpoints()
    assert endpoints["feeds"] == f"{endpoints['web']}/feeds"
    assert httpx2.get(f"{endpoints['records']}/v1/").json()["project_name"] == "kinto"


def test_a_service_without_shell_and_client_is_asked_for_its_health(deployment: Deployment) -> None:
    container = deployment.stack.inspect("feeds")
    assert container["State"]["Health"]["Status"] == "healthy"
    (tools,) = container["Mounts"]
    assert (tools["Destination"], tools["RW"]) == ("/run/ai-platform", False)


def test_each_has_the_limits_of_every_other_service(deployment: Deployment) -> None:
    host = deployment.stack.inspect("feeds")["HostConfig"]
    assert host["Memory"] == 256 * 2**20
    assert (host["CapDrop"], host["SecurityOpt"]) == (["ALL"], ["no-new-privileges:true"])


def test_prometheus_scrapes_those_with_metrics_and_the_gateway_hides_them(
    deployment: Deployment,
) -> None:
    def scraped() -> bool:
        result = query_prometheus(deployment.stack, "query", query="up == 1")["result"]
        return {series["metric"]["job"] for series in result} >= use.JOBS

    eventually(scraped, within=60)
    assert use.visible_metrics(deployment.door) == []


def test_a_failed_release_step_is_explained_and_leaves_the_earlier_version(
    deployment: Deployment,
) -> None:
    stack, before = deployment.stack, deployment.stack.ids()
    result = stack.up(api={"services": use.with_failing_release()})
    assert result.returncode != 0
    assert use.FAILURE in output_of(result), output_of(result)
    assert stack.ids()[stack.container("records")] == before[stack.container("records")]
    assert use.versions(deployment.door) == use.EARLIER_VERSIONS
    use.check(deployment.door)


def test_listeners_hear_what_is_published_after_a_minute_of_silence(
    deployment: Deployment,
) -> None:
    time.sleep(max(0.0, deployment.opened + SILENCE - time.monotonic()))
    deployment.door.messages.publish("decisions", "open the gate")
    assert [listener.next() for listener in deployment.listeners] == ["open the gate"] * 2


def test_an_upgrade_runs_the_release_steps_and_keeps_the_data(deployment: Deployment) -> None:
    result = deployment.stack.up()
    assert result.returncode == 0, output_of(result)
    assert use.versions(deployment.door) == use.VERSIONS
    use.check(deployment.door)
    preview = deployment.stack.pulumi("preview", "--expect-no-changes")
    assert preview.returncode == 0, output_of(preview)


def test_a_restart_of_applications_and_servers_keeps_the_data(deployment: Deployment) -> None:
    stack = deployment.stack
    restarted = ("feeds", "records", "stream", "backend", "postgres", "redis")
    docker_stack.docker("restart", *map(stack.container, restarted))
    eventually(lambda: all_healthy(stack), 120)
    use.check(deployment.door)
    assert deployment.door.old_platform.observations()["files"] == 1
