"""What runs on the engine, read from it by this project's labels."""

import json
import subprocess
from collections.abc import Container
from dataclasses import dataclass
from typing import Any

LABEL = "ai-platform"


@dataclass(frozen=True, kw_only=True)
class Running:
    """One container of a stack. `health` is None where its image can ask nothing."""

    name: str
    workload: str
    tier: str
    state: str
    health: str | None

    @property
    def well(self) -> bool:
        return self.state == "running" and self.health in (None, "healthy")


def containers(stack: str) -> list[Running]:
    """The containers of a stack, by tier and name, but for those of jobs that are done."""
    inspected = _inspect("container", stack, "--all")
    done = {_run(each) for each in inspected if _succeeded(each)}
    found = [_running(each) for each in inspected if _run(each) not in done]
    return sorted(found, key=lambda each: (each.tier, each.name))


def unknown(stack: str, known: Container[str]) -> list[str]:
    """The containers of a stack, by name, whose ids are not known."""
    found = _inspect("container", stack, "--all")
    return sorted(each["Name"].removeprefix("/") for each in found if each["Id"] not in known)


def volumes(stack: str) -> list[str]:
    """The volumes of a stack, kept ones and others, by name."""
    return sorted(each["Name"] for each in _inspect("volume", stack))


def _run(inspected: dict[str, Any]) -> tuple[str, str] | None:
    """The job whose container it is, and the number of its run, in which a try may have failed."""
    labels = inspected["Config"]["Labels"]
    run = labels.get(f"{LABEL}.run")
    return (labels[f"{LABEL}.workload"], run) if run else None


def _succeeded(inspected: dict[str, Any]) -> bool:
    state = inspected["State"]
    ended = (state["Status"], state.get("ExitCode")) == ("exited", 0)
    return ended and _run(inspected) is not None


def _running(inspected: dict[str, Any]) -> Running:
    labels, state = inspected["Config"]["Labels"], inspected["State"]
    return Running(
        name=inspected["Name"].removeprefix("/"),
        workload=labels[f"{LABEL}.workload"],
        tier=labels[f"{LABEL}.tier"],
        state=state["Status"],
        health=(state.get("Health") or {}).get("Status"),
    )


def _inspect(kind: str, stack: str, *options: str) -> list[dict[str, Any]]:
    own = [f"--filter=label={LABEL}.project={LABEL}", f"--filter=label={LABEL}.stack={stack}"]
    names = docker(kind, "ls", "--quiet", *options, *own).split()
    return json.loads(docker(kind, "inspect", *names)) if names else []


def docker(*arguments: str) -> str:
    """What a docker command prints; CalledProcessError where it fails."""
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout
