"""Stop and start parts of a stack on an engine, and run its jobs again.

Containers that a verb has stopped have the restart policy `no`, which only jobs have otherwise. The
engine keeps that, so that a later run of the verb knows what to start again. `make up` puts the
policy right, too.
"""

import json
import subprocess
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import click

from components.addresses import PROJECT
from components.targets.docker.containers import SERVICE, STOPPED_FOR_A_WHILE
from operations.docker_stack import LABEL, docker, inspect, volumes

POLICY = str(SERVICE["restart"])
PERIOD = 0.5
LAST_LINES = 20


@dataclass(frozen=True, kw_only=True)
class DockerWorkloads:
    """The containers of a stack. `stack` has no organisation."""

    stack: str

    def running(self, names: Collection[str]) -> list[str]:
        """Those of the workloads that run, or are to run."""
        return _workloads(c for c in self._services(names) if _is_up(c))

    def stopped(self) -> list[str]:
        """The workloads that a verb has stopped and not started again."""
        return _workloads(c for c in self._services() if _is_stopped(c))

    def stop(self, names: Collection[str]) -> None:
        """Stop the running containers of these workloads, and remember that they ran."""
        containers = [_name(c) for c in self._services(names) if _is_up(c)]
        if containers:
            docker("update", f"--restart={STOPPED_FOR_A_WHILE}", *containers)
            docker("stop", *containers)

    def start(self, names: Sequence[str]) -> None:
        """Start again what `stop` has stopped, in the order of these workloads."""
        stopped = [c for c in self._services(names) if _is_stopped(c)]
        order = {name: number for number, name in enumerate(names)}
        for container in sorted(stopped, key=lambda c: order[_workload(c)]):
            docker("start", _name(container))
            docker("update", f"--restart={POLICY}", _name(container))

    def wait_running(self, names: Collection[str], seconds: float) -> None:
        """Nothing: a container runs as soon as it is started."""

    def wait(self, names: Collection[str], seconds: float) -> None:
        """Wait until the workloads are healthy. Raises ClickException if one is not in time."""
        end = time.monotonic() + seconds
        while ill := [_name(c) for c in self._services(names) if not _is_healthy(c)]:
            if time.monotonic() > end:
                raise click.ClickException(
                    f"not healthy after {seconds:.0f} s: {', '.join(sorted(ill))}.\n"
                    + "\n".join(map(_log, ill))
                )
            time.sleep(PERIOD)

    def has(self, workload: str, volume: str, step: str) -> bool:
        """Whether the containers of a workload and of its step exist, and its volume."""
        containers = {_workload(c) for c in inspect("container", self.stack, "--all")}
        return {workload, step} <= containers and f"{PROJECT}-{self.stack}-{volume}" in volumes(
            self.stack
        )

    def run_step(self, name: str, seconds: float) -> None:
        """Run a step of a part again. A cluster runs the steps of a pod at each start."""
        self.run_again(name, seconds)

    def run_again(self, name: str, seconds: float) -> bool:
        """Run a job, or a step, again in the container of its last try. Raises ClickException with
        its last log lines where it fails, or takes longer. Return whether the stack has the job."""
        tries = [c for c in inspect("container", self.stack, "--all") if _is_run(c, name)]
        if not tries:
            return False
        container = _name(max(tries, key=lambda c: str(c["Created"])))
        docker("start", container)
        end = time.monotonic() + seconds
        while (state := _state(container))["Running"]:
            if time.monotonic() > end:
                docker("kill", container)
                raise click.ClickException(f"{name} took longer than {seconds:.0f} s.")
            time.sleep(PERIOD)
        if code := state["ExitCode"]:
            raise click.ClickException(
                f"{name} ended with exit status {code}.\n{_log(container)}".rstrip()
            )
        return True

    def _services(self, names: Collection[str] | None = None) -> list[dict[str, Any]]:
        """The containers of workloads that keep running."""
        return [
            container
            for container in inspect("container", self.stack, "--all")
            if _label(container, "run") is None and (names is None or _workload(container) in names)
        ]


def _label(container: dict[str, Any], name: str) -> str | None:
    value: str | None = container["Config"]["Labels"].get(f"{LABEL}.{name}")
    return value


def _workload(container: dict[str, Any]) -> str:
    return _label(container, "workload") or ""


def _workloads(containers: Iterable[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(_workload(container) for container in containers))


def _name(container: dict[str, Any]) -> str:
    return str(container["Name"]).removeprefix("/")


def _is_up(container: dict[str, Any]) -> bool:
    """Whether the container runs, waits for its next restart, or was stopped half-way."""
    return container["State"]["Status"] not in ("exited", "created", "dead")


def _is_stopped(container: dict[str, Any]) -> bool:
    return bool(container["HostConfig"]["RestartPolicy"]["Name"] == STOPPED_FOR_A_WHILE)


def _is_healthy(container: dict[str, Any]) -> bool:
    state = container["State"]
    health = (state.get("Health") or {}).get("Status")
    return state["Status"] == "running" and health in (None, "healthy")


def _is_run(container: dict[str, Any], job: str) -> bool:
    return _workload(container) == job and _label(container, "run") is not None


def _state(container: str) -> dict[str, Any]:
    (description,) = json.loads(docker("container", "inspect", container))
    return dict(description["State"])


def _log(container: str) -> str:
    """The last lines of the log. The engine writes those of stderr to stderr."""
    command = ["docker", "logs", f"--tail={LAST_LINES}", container]
    pipe, both = subprocess.PIPE, subprocess.STDOUT
    return subprocess.run(command, stdout=pipe, stderr=both, text=True, check=False).stdout.strip()
