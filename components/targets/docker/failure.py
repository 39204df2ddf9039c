"""Reports why a container did not start, in the output of the failed `pulumi up`."""

import json
import re
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import pulumi

LAST_LINES = 30
# The engine's words if no program of the machine hands GPUs to containers.
_GPU_DRIVER = re.compile(r"could not select device driver .* with capabilities: \[\[.*gpu")


def docker_command(host: str | None) -> tuple[str, ...]:
    """The docker command for the stack's engine."""
    return ("docker", "--host", host) if host else ("docker",)


def explain(engine: Sequence[str]) -> pulumi.ResourceHookBinding | None:
    """A hook that logs the state, health output and last log lines of a container that failed.

    In a preview it is None, because no container starts.
    """
    if pulumi.runtime.is_dry_run():
        return None

    def hook(args: pulumi.ErrorHookArgs) -> bool:
        name = str((args.new_inputs or {}).get("name") or args.name)
        if explained := explanation(engine, name):
            pulumi.log.error(explained)
        return False

    return pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook("explain-container", hook)])


def explanation(engine: Sequence[str], name: str) -> str | None:
    """The report of a container, if it explains anything.

    Pulumi also fails to create a container whose name another one has, and to talk to its plugin.
    Then the container does not exist, has not started, or runs well, and Pulumi's own error says
    what is wrong.
    """
    try:
        container = inspect(engine, [name])[name]
    except (OSError, subprocess.TimeoutExpired) as error:
        return _no_answer(name, error)
    return report_of(engine, name, container) if container and not _is_well(container) else None


def _is_well(container: Mapping[str, Any]) -> bool:
    state = container["State"]
    health = (state.get("Health") or {}).get("Status")
    if container.get("RestartCount") or state.get("Error") or state.get("ExitCode"):
        return False
    return state["Status"] == "created" or (
        state["Status"] == "running" and health in (None, "healthy", "starting")
    )


def kill(engine: Sequence[str], name: str) -> None:
    """Kill a container, if it still runs and the engine answers."""
    with suppress(OSError, subprocess.TimeoutExpired):
        _run([*engine, "kill", name])


def report(engine: Sequence[str], name: str) -> str:
    """A report of what the engine knows about a container now."""
    try:
        container = inspect(engine, [name])[name]
    except (OSError, subprocess.TimeoutExpired) as error:  # no docker command, or no answer
        return _no_answer(name, error)
    return report_of(engine, name, container)


def report_of(engine: Sequence[str], name: str, container: Mapping[str, Any] | None) -> str:
    """A report of a container as it was inspected, with its last log lines.

    The engine knows the last exit code of a container that restarts in a loop only between two of
    its runs, so a later look may not find it.
    """
    if container is None:
        return f"{name}: the engine has no such container"
    try:
        logged = _run([*engine, "logs", "--tail", str(LAST_LINES), name])
    except (OSError, subprocess.TimeoutExpired) as error:
        return _no_answer(name, error)
    log = (logged.stdout + logged.stderr).splitlines()
    lines = summary(name, container)
    command = shlex.join([*engine, "logs", name])
    lines.append(f"last log lines ({command}):" if log else "it logged nothing")
    return "\n".join([*lines, *(f"  {line}" for line in log)])


def _no_answer(name: str, error: Exception) -> str:
    return f"{name}: the engine did not report its state: {error}"


def inspect(engine: Sequence[str], names: Sequence[str]) -> dict[str, Mapping[str, Any] | None]:
    """What the engine knows about each container; None about one that does not exist."""
    inspected = json.loads(_run([*engine, "container", "inspect", *names]).stdout or "[]")
    containers = {container["Name"].removeprefix("/"): container for container in inspected}
    return {name: containers.get(name) for name in names}


def summary(name: str, inspected: Mapping[str, Any]) -> list[str]:
    """The first lines of a report: the container's state, and the output of its last health
    check."""
    state = inspected["State"]
    health = state.get("Health") or {}
    lines = [f"{name} is {state['Status']}" + (f" and {health['Status']}" if health else "")]
    if inspected.get("RestartCount"):
        lines[0] += f"; restarted {inspected['RestartCount']} times"
    if state.get("ExitCode"):
        lines[0] += f"; last exit code {state['ExitCode']}"
    if state.get("OOMKilled"):
        lines[0] += "; it ran out of memory"
    if state.get("Error"):
        lines.append(f"engine: {state['Error']}")
        if _GPU_DRIVER.search(state["Error"]):
            lines.append(
                "The container asks for GPUs. The engine's machine needs an NVIDIA GPU with its "
                "driver and the NVIDIA Container Toolkit, and the engine a restart after it was "
                "installed (docs/models.md). `gpus: null` starts the service without GPUs."
            )
    if health.get("Log"):
        last = health["Log"][-1]
        test = (inspected.get("Config", {}).get("Healthcheck") or {}).get("Test") or [""]
        asked = f" of {test[-1]}" if test[-1].startswith("http://") else ""
        output = last["Output"].strip()
        lines.append(f"health check{asked}, exit code {last['ExitCode']}: {output}")
        if asked and "Connection refused" in output:
            lines.append(
                "Nothing listens there. The service must listen on all addresses (0.0.0.0, not "
                "127.0.0.1) at its `port`."
            )
    return lines


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
