"""The containers and volumes of a stack, read from the Docker engine by this project's labels.

The commands use the engine that `stack_file.open_stack` chose. Labels have the stack's name without
its organisation.
"""

import json
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import click

from operations.inside import EngineContainer
from operations.workspace import Workspace

LABEL = "ai-platform"
# When a container counts as one that keeps restarting. Between two restarts an engine pauses for at
# most a minute, and a kubelet for at most five.
SEVERAL, RECENT = 3, timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One container or pod of a stack. `health` is None for a container without a health check.

    `restarts` is how often the engine or the kubelet started it again, and `started` when it last
    started.
    """

    name: str
    workload: str
    tier: str
    state: str
    health: str | None
    restarts: int = 0
    started: datetime | None = None

    @property
    def healthy(self) -> bool:
        well = self.state == "running" and self.health in (None, "healthy")
        return well and not self.keeps_restarting

    @property
    def keeps_restarting(self) -> bool:
        """Whether it restarted several times, and last a short time ago."""
        if self.started is None or self.restarts < SEVERAL:
            return False
        return datetime.now(UTC) - self.started < RECENT


def containers(stack: str) -> list[Instance]:
    """The containers of a stack, by tier and name, without those of completed jobs."""
    descriptions = inspect("container", stack, "--all")
    completed = {_job_run(container) for container in descriptions if _succeeded(container)}
    instances = [
        _instance(container) for container in descriptions if _job_run(container) not in completed
    ]
    return sorted(instances, key=lambda instance: (instance.tier, instance.name))


def names(kind: Literal["container", "network"], stack: str) -> dict[str, str]:
    """The names of all containers or networks of a stack, by their ids."""
    options = ["--all"] if kind == "container" else []
    return {
        description["Id"]: description["Name"].removeprefix("/")
        for description in inspect(kind, stack, *options)
    }


def volumes(stack: str) -> list[str]:
    """The names of all volumes of a stack."""
    return sorted(volume["Name"] for volume in inspect("volume", stack))


def inside(workspace: Workspace, workload: str) -> EngineContainer:
    """The running container of a workload. Raises ClickException if none runs."""
    labels = {"project": LABEL, "stack": workspace.name, "workload": workload}
    filters = [f"--filter=label={LABEL}.{name}={value}" for name, value in labels.items()]
    names = docker("container", "ls", "--format={{.Names}}", *filters).split()
    if not names:
        stack = workspace.stack
        raise click.ClickException(
            f"{workload} of the stack {stack} does not run. make up STACK={stack} starts it."
        )
    # The name of a further replica is longer.
    return EngineContainer(docker=("docker", "exec", "--interactive", min(names, key=len)))


def beside(
    workspace: Workspace, *, image: str, user: str, volume: str, path: str
) -> EngineContainer:
    """A container for each command, which has a volume of the stack at the path, and no network.
    Raises ClickException if the volume does not exist; the engine would create another one."""
    if volume not in docker("volume", "ls", "--format={{.Name}}").split():
        raise click.ClickException(
            f"there is no volume {volume}. make up STACK={workspace.stack} creates it."
        )
    options = (
        f"--user={user}",
        "--network=none",
        f"--volume={volume}:{path}:nocopy",
        "--entrypoint=",
    )
    return EngineContainer(
        docker=("docker", "run", "--rm", "--interactive", "--cap-drop=ALL", *options, image)
    )


def _job_run(container: dict[str, Any]) -> tuple[str, str] | None:
    """A job container's workload and the number of its run; one run may have several attempts."""
    labels = container["Config"]["Labels"]
    run = labels.get(f"{LABEL}.run")
    return (labels[f"{LABEL}.workload"], run) if run else None


def _succeeded(container: dict[str, Any]) -> bool:
    state = container["State"]
    exited_well = (state["Status"], state.get("ExitCode")) == ("exited", 0)
    return exited_well and _job_run(container) is not None


def _instance(container: dict[str, Any]) -> Instance:
    labels, state = container["Config"]["Labels"], container["State"]
    return Instance(
        name=container["Name"].removeprefix("/"),
        workload=labels[f"{LABEL}.workload"],
        tier=labels[f"{LABEL}.tier"],
        state=state["Status"],
        health=(state.get("Health") or {}).get("Status"),
        restarts=container.get("RestartCount", 0),
        started=_time(state.get("StartedAt")),
    )


def _time(text: str | None) -> datetime | None:
    """A time in the engine's notation, whose fractions of a second may have nine digits."""
    return datetime.fromisoformat(f"{text[:19]}+00:00") if text else None


def inspect(kind: str, stack: str, *options: str) -> list[dict[str, Any]]:
    """What the engine knows about the containers, networks or volumes of a stack."""
    filters = [f"--filter=label={LABEL}.project={LABEL}", f"--filter=label={LABEL}.stack={stack}"]
    names = docker(kind, "ls", "--quiet", *options, *filters).split()
    return json.loads(docker(kind, "inspect", *names)) if names else []


def docker(*arguments: str) -> str:
    """Run a docker command and return its output. Raises CalledProcessError where it fails."""
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout
