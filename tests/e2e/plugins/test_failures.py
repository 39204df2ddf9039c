"""What goes wrong is said, is in the state, and the next good run mends it."""

from __future__ import annotations

import json
import signal
import socket
import time

import docker
import pytest

from tests.e2e.plugins.program import HEALTHY, PREFIX, UNHEALTHY, Program

GOOD = {"healthcheck": HEALTHY, "wait": True}


def converges(program: Program) -> None:
    program.up(web=GOOD)
    assert program.container("web")["State"]["Health"]["Status"] == "healthy"
    program.pulumi("preview", "--expect-no-changes")


def test_a_taken_port_is_said_and_the_container_is_replaced_when_it_is_free(
    program: Program, port: socket.socket
) -> None:
    number = port.getsockname()[1]
    published = {"ports": [{"internal": 80, "external": number, "ip": "127.0.0.1"}]}
    said = program.fail(web=published)
    assert "Unable to start container: driver failed programming external connectivity" in said
    assert f"127.0.0.1:{number}" in said
    left = program.container("web")
    assert left["State"]["Status"] == "created"
    assert left["Id"] in program.state()
    port.close()
    program.up(web=published)
    assert program.container("web")["Id"] != left["Id"]
    assert program.container("web")["State"]["Running"]


def test_a_container_that_does_not_get_healthy_fails_in_time_and_stays(program: Program) -> None:
    # with files larger than an error's own metadata usually may be
    uploads = [{"file": f"/srv/{number}", "content": "x" * 200_000} for number in range(5)]
    never = {"healthcheck": UNHEALTHY, "wait": True, "wait_timeout": 3, "uploads": uploads}
    said = program.fail(web=never)
    assert "container failed to be in healthy state" in said
    left = program.container("web")
    assert left["State"]["Running"]
    assert left["Id"] in program.state()
    converges(program)


def test_waiting_without_a_health_check_is_an_error(program: Program) -> None:
    said = program.fail(unwatched={"wait": True})
    assert "does not have a healthcheck defined" in said


def test_a_cancelled_run_ends_soon_and_the_next_one_converges(program: Program) -> None:
    program.pulumi("destroy", "--yes", "--skip-preview")
    program.describe(web={"healthcheck": UNHEALTHY, "wait": True, "wait_timeout": 60})
    with program.start("up", "--yes", "--skip-preview") as run:
        deadline = time.monotonic() + 30
        while not program.engine.containers.list(filters={"name": f"{PREFIX}-web"}):
            assert time.monotonic() < deadline, "the container was not started"
            time.sleep(0.2)
        cancelled = time.monotonic()
        run.send_signal(signal.SIGINT)
        output, errors = run.communicate(timeout=30)
    assert run.returncode != 0
    assert time.monotonic() - cancelled < 10, output + errors
    state = json.loads(program.state())["deployment"]
    assert not state.get("pending_operations")
    assert program.container("web")["Id"] in json.dumps(state)
    converges(program)


def test_an_image_that_is_nowhere_is_named(program: Program) -> None:
    said = program.fail(base="localhost:1/no/such/image:1")
    assert "unable to pull image localhost:1/no/such/image:1: " in said


def test_a_property_that_the_stand_in_lacks_is_refused_before_anything_is_touched(
    program: Program,
) -> None:
    said = program.fail(refused={"privileged": True})
    assert "privileged" in said
    assert "this stand-in does not implement the property" in said
    with pytest.raises(docker.errors.NotFound):
        program.container("refused")
