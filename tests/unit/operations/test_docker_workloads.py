"""Containers of an engine are stopped and started again as they were."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import click
import pytest

from operations import docker_workloads
from operations.docker_workloads import DockerWorkloads

STACK = DockerWorkloads(stack="dev")


def container(
    workload: str,
    name: str = "",
    *,
    status: str = "running",
    run: str | None = None,
    created: str = "1",
    health: str | None = "healthy",
) -> dict[str, Any]:
    labels = {"ai-platform.workload": workload}
    return {
        "Name": f"/ai-platform-dev-{name or workload}",
        "Created": created,
        "Config": {"Labels": {**labels, **({"ai-platform.run": run} if run else {})}},
        "HostConfig": {"RestartPolicy": {"Name": "no" if run else "unless-stopped"}},
        "State": {
            "Status": status,
            "Running": False,
            "ExitCode": 0,
            **({"Health": {"Status": health}} if health else {}),
        },
    }


@dataclass
class Engine:
    """An engine with these containers, and the commands that it got."""

    containers: list[dict[str, Any]]
    commands: list[str] = field(default_factory=list)
    dies_in: str = ""

    def inspect(self, kind: str, stack: str, *options: str) -> list[dict[str, Any]]:
        assert (kind, stack, options) == ("container", "dev", ("--all",))
        return self.containers

    def docker(self, *words: str) -> str:
        self.commands.append(" ".join(words).replace("ai-platform-dev-", ""))
        if self.dies_in == words[0]:
            raise KeyboardInterrupt
        for item in self.containers:
            if item["Name"].removeprefix("/") in words:
                match words[0]:
                    case "update":
                        policy = words[1].removeprefix("--restart=")
                        item["HostConfig"]["RestartPolicy"]["Name"] = policy
                    case "stop":
                        item["State"]["Status"] = "exited"
                    case "start":
                        item["State"]["Status"] = "running"
                    case "container":
                        return json.dumps([item])
        return ""


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Engine]:
    def make(*containers: dict[str, Any]) -> Engine:
        engine = Engine([*containers])
        monkeypatch.setattr(docker_workloads, "inspect", engine.inspect)
        monkeypatch.setattr(docker_workloads, "docker", engine.docker)
        monkeypatch.setattr(docker_workloads, "PERIOD", 0)
        monkeypatch.setattr(docker_workloads, "_log", lambda name: f"the log of {name}")
        return engine

    return make


def test_what_ran_is_stopped_and_started_again_in_order(engine: Callable[..., Engine]) -> None:
    """A container that somebody had stopped stays stopped."""
    running = [container("backend", f"backend{end}") for end in ("", "-2")]
    docker = engine(*running, container("sales"), container("off", status="exited"))
    names = ["sales", "backend", "off"]
    assert STACK.running(names) == ["backend", "sales"]
    STACK.stop(names)
    assert docker.commands == [
        "update --restart=no backend backend-2 sales",
        "stop backend backend-2 sales",
    ]
    assert STACK.running(names) == []
    assert STACK.stopped() == ["backend", "sales"]
    docker.commands.clear()
    STACK.start(names)
    assert docker.commands == [
        "start sales",
        "update --restart=unless-stopped sales",
        "start backend",
        "update --restart=unless-stopped backend",
        "start backend-2",
        "update --restart=unless-stopped backend-2",
    ]
    assert STACK.stopped() == []
    assert docker.containers[-1]["State"]["Status"] == "exited"


@pytest.mark.parametrize("command", ["update", "stop", "start"])
def test_an_interruption_forgets_nothing(engine: Callable[..., Engine], command: str) -> None:
    docker = engine(container("backend"), container("sales"))
    docker.dies_in = command

    def stop_and_start() -> None:
        STACK.stop(["backend", "sales"])
        STACK.start(["backend", "sales"])

    with pytest.raises(KeyboardInterrupt):
        stop_and_start()
    docker.dies_in = ""
    STACK.stop(["backend", "sales"])
    assert STACK.stopped() == ["backend", "sales"]
    STACK.start(["backend", "sales"])
    assert STACK.running(["backend", "sales"]) == ["backend", "sales"]
    assert STACK.stopped() == []


def test_a_job_runs_again_in_the_container_of_its_last_try(engine: Callable[..., Engine]) -> None:
    docker = engine(
        container("schema", run="2", status="exited", created="2026-11-24T01:00:00Z"),
        container("schema", "schema-try-2", run="2", status="exited", created="2026-11-24T02Z"),
    )
    assert STACK.run_again("schema", 10)
    assert docker.commands[0] == "start schema-try-2"
    docker.containers[1]["State"]["ExitCode"] = 3
    with pytest.raises(click.ClickException) as error:
        STACK.run_step("schema", 10)
    assert error.value.message == (
        "schema ended with exit status 3.\nthe log of ai-platform-dev-schema-try-2"
    )
    docker.containers[1]["State"]["Running"] = True
    with pytest.raises(click.ClickException, match="took longer than 0 s"):
        STACK.run_again("schema", 0)
    assert docker.commands[-1] == "kill schema-try-2"
    assert not STACK.run_again("other", 10)


def test_a_workload_that_does_not_become_healthy_is_named_with_its_log(
    engine: Callable[..., Engine],
) -> None:
    engine(container("backend", health="unhealthy"), container("sales", health=None))
    STACK.wait(["sales"], 0)
    with pytest.raises(click.ClickException) as error:
        STACK.wait(["backend", "sales"], 0)
    assert error.value.message == (
        "not healthy after 0 s: ai-platform-dev-backend.\nthe log of ai-platform-dev-backend"
    )


def test_a_server_needs_its_volume_its_step_and_its_container(
    engine: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    docker = engine(container("db"), container("db-restore", run="1"))
    volumes = ["ai-platform-dev-db"]
    monkeypatch.setattr(docker_workloads, "volumes", lambda stack: volumes)
    assert STACK.has("db", "db", "db-restore")
    docker.containers.pop()
    assert not STACK.has("db", "db", "db-restore")
    docker.containers.append(container("db-restore", run="1"))
    volumes.clear()
    assert not STACK.has("db", "db", "db-restore")


def test_the_log_has_what_a_container_wrote_to_both_outputs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def run(command: list[str], **options: Any) -> Any:
        assert command == ["docker", "logs", "--tail=20", "backend"]
        assert options["stderr"] == subprocess.STDOUT
        return subprocess.CompletedProcess(command, 0, "out\nerr\n", None)

    monkeypatch.setattr(subprocess, "run", run)
    assert docker_workloads._log("backend") == "out\nerr"
