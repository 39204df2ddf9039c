"""Which cluster this machine gets: a tool's that is here and able, else our own."""

import http.client
import shutil
from dataclasses import dataclass
from typing import Literal

from airgap import decide, engine
from cluster import node
from cluster.local_cluster import LocalCluster

Tool = Literal["kind", "k3d", "minikube"]

REGISTRIES: dict[Tool, str] = {
    "kind": decide.DOCKER_HUB,
    "k3d": decide.DOCKER_HUB,
    "minikube": "https://gcr.io",
}
"""Where each tool takes its node's image from, in the order of our choice."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What was found. `able` are the tools on PATH whose node's image can be had."""

    own: bool
    """Whether our own cluster is here already."""
    engine: bool
    found: tuple[Tool, ...]
    able: tuple[Tool, ...]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """`tool` is None for our own cluster; `reason` says why, in one sentence."""

    tool: Tool | None
    reason: str


def decide_for(local: LocalCluster) -> Decision:
    """Look at this machine, for at most about three seconds, and choose."""
    return choose(probe(local))


def choose(facts: Facts) -> Decision:
    """What is here stays; then a tool that is able."""
    if facts.own:
        return Decision(tool=None, reason="Our own cluster is here.")
    if not facts.found:
        names = ", ".join(REGISTRIES)
        return Decision(tool=None, reason=f"None of {names} is on PATH: our own cluster.")
    if not facts.engine:
        names = ", ".join(facts.found)
        return Decision(tool=None, reason=f"{names}: no Docker engine answers: our own cluster.")
    if not facts.able:
        names = ", ".join(facts.found)
        reason = f"{names}: the registry of its node's image does not answer: our own cluster."
        return Decision(tool=None, reason=reason)
    return Decision(tool=facts.able[0], reason=f"{facts.able[0]} is on PATH, and able.")


def probe(local: LocalCluster) -> Facts:
    found = tuple(tool for tool in REGISTRIES if shutil.which(tool))
    runs = engine.answers()
    answers = decide.together(*(lambda tool=tool: _answers(REGISTRIES[tool]) for tool in found))
    return Facts(
        own=runs and node.inspect(local) is not None,
        engine=runs,
        found=found,
        able=tuple(tool for tool, able in zip(found, answers, strict=True) if able and runs),
    )


def _answers(registry: str) -> bool:
    return decide.status(f"{registry}/v2/") in (http.client.OK, http.client.UNAUTHORIZED)
