"""Why a container did not come up, said where `pulumi up` fails."""

import json
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pulumi

LAST_LINES = 15


def docker_command(host: str | None) -> tuple[str, ...]:
    """The docker command that asks the stack's engine."""
    return ("docker", "--host", host) if host else ("docker",)


def explain(engine: Sequence[str]) -> pulumi.ResourceHookBinding | None:
    """A hook for containers: when one fails, its state, health output and last log lines.

    There is none in a preview, in which nothing can fail to start.
    """
    if pulumi.runtime.is_dry_run():
        return None

    def hook(args: pulumi.ErrorHookArgs) -> bool:
        name = str((args.new_inputs or {}).get("name") or args.name)
        pulumi.log.error(report(engine, name))
        return False

    return pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook("explain-container", hook)])


def kill(engine: Sequence[str], name: str) -> None:
    """End a container's process where it still runs, and the engine can be asked."""
    with suppress(OSError, subprocess.TimeoutExpired):
        _run([*engine, "kill", name])


def report(engine: Sequence[str], name: str) -> str:
    """What the engine knows of a container, in words."""
    try:
        return _known(engine, name)
    except (OSError, subprocess.TimeoutExpired) as error:  # no docker command, or no answer
        return f"{name}: its state could not be asked: {error}"


def _known(engine: Sequence[str], name: str) -> str:
    inspected = _run([*engine, "container", "inspect", name])
    if inspected.returncode:
        return f"{name}: the engine made no such container"
    lines = list(summary(name, json.loads(inspected.stdout)[0]))
    logged = _run([*engine, "logs", "--tail", str(LAST_LINES), name])
    lines.append(f"last log lines (docker logs {name}):")
    lines += [f"  {line}" for line in (logged.stdout + logged.stderr).splitlines()]
    return "\n".join(lines)


def summary(name: str, inspected: dict[str, Any]) -> list[str]:
    """The first lines of a report: what state the container is in, and what its check said."""
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
    if health.get("Log"):
        last = health["Log"][-1]
        lines.append(f"health check, exit code {last['ExitCode']}: {last['Output'].strip()}")
    return lines


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
