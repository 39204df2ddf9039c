"""Which tool makes the cluster: kind, k3d or minikube where it works, otherwise this project."""

import shutil
from dataclasses import dataclass
from typing import Literal

from airgap import availability, engine
from cluster import node
from cluster.local_cluster import LocalCluster

Tool = Literal["kind", "k3d", "minikube"]

REGISTRIES: dict[Tool, str] = {
    "kind": availability.DOCKER_HUB,
    "k3d": availability.DOCKER_HUB,
    "minikube": "https://gcr.io",
}
"""The registry of each tool's node image. The first tool that works is chosen."""


@dataclass(frozen=True, kw_only=True)
class AvailableTools:
    """The tools on PATH, and those among them that can pull their node image."""

    own_cluster: bool
    """Whether our own cluster exists."""
    engine: bool
    on_path: tuple[Tool, ...]
    usable: tuple[Tool, ...]


@dataclass(frozen=True, kw_only=True)
class ToolChoice:
    """`tool` is None for our own cluster; `reason` explains the choice in one sentence."""

    tool: Tool | None
    reason: str


def decide(cluster: LocalCluster) -> ToolChoice:
    """Check this machine, for at most about three seconds, and choose."""
    return choose(check(cluster))


def choose(available: AvailableTools) -> ToolChoice:
    """Choose our own cluster where it exists, and otherwise the first tool that works."""
    if available.own_cluster:
        return ToolChoice(tool=None, reason="Our own cluster exists.")
    if not available.on_path:
        return _own_cluster(f"None of {', '.join(REGISTRIES)} is on PATH.")
    names = ", ".join(available.on_path)
    if not available.engine:
        return _own_cluster(f"{names}: no Docker engine answers.")
    if not available.usable:
        return _own_cluster(f"{names}: the registry of the node image does not answer.")
    tool = available.usable[0]
    return ToolChoice(tool=tool, reason=f"{tool} is on PATH and can pull its node image.")


def _own_cluster(obstacle: str) -> ToolChoice:
    return ToolChoice(tool=None, reason=f"{obstacle} This machine builds its own cluster.")


def check(cluster: LocalCluster) -> AvailableTools:
    on_path = tuple(tool for tool in REGISTRIES if shutil.which(tool))
    engine_runs = engine.answers()
    answers = availability.check_all(
        *(lambda tool=tool: availability.registry_answers(REGISTRIES[tool]) for tool in on_path)
    )
    return AvailableTools(
        own_cluster=engine_runs and node.inspect(cluster) is not None,
        engine=engine_runs,
        on_path=on_path,
        usable=tuple(
            tool for tool, answer in zip(on_path, answers, strict=True) if answer and engine_runs
        ),
    )
