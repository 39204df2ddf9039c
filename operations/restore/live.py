"""The running stack whose databases are restored: what writes to them, and how to stop and start
it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from components.container import Step
from components.data import builtin
from components.data.restore import STEP
from components.settings import Settings
from components.workload import Job, Part
from operations import backups, database_server, kubernetes_workloads, parts
from operations.database_server import DatabaseServer
from operations.docker_workloads import DockerWorkloads
from operations.inside import Inside
from operations.workspace import Workspace

SERVER = builtin.SERVER.workload


class Workloads(Protocol):
    """Parts of a stack on its target. Each method takes names of workloads, and `start` starts them
    in this order. `stop` remembers on the target what they had, so that a later run of the verb can
    put it back."""

    def running(self, names: Collection[str]) -> list[str]: ...
    def stopped(self) -> list[str]: ...
    def stop(self, names: Collection[str]) -> None: ...
    def start(self, names: Sequence[str]) -> None: ...
    def wait_running(self, names: Collection[str], seconds: float) -> None: ...
    def wait(self, names: Collection[str], seconds: float) -> None: ...
    def has(self, workload: str, volume: str, step: str) -> bool: ...
    def run_step(self, name: str, seconds: float) -> None: ...
    def run_again(self, name: str, seconds: float) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class LiveStack:
    """`writers` are in the order in which they start, and `releases` are the jobs of a release that
    reach the server. `described` is the server, whose step `step` clones what was recovered."""

    workspace: Workspace
    settings: Settings
    workloads: Workloads
    part: Inside
    writers: tuple[str, ...]
    releases: tuple[Job, ...]
    described: Part
    step: Step

    @property
    def name(self) -> str:
        return self.workspace.stack

    def server(self) -> DatabaseServer:
        """The server, in which programs use its socket. Raises ClickException if none runs."""
        return database_server.of(self.workspace, self.settings)


def workloads(workspace: Workspace, settings: Settings) -> Workloads:
    """The parts of the stack on its target."""
    if settings.target == "docker":
        return DockerWorkloads(stack=workspace.name)
    return kubernetes_workloads.of(settings.kubernetes, workspace)


def of(workspace: Workspace, settings: Settings) -> LiveStack:
    """Raises ClickException if the stack has no backup part, or it does not run."""
    part = backups.part(workspace, settings)
    described = parts.described(settings, workspace.name)
    (server,) = (item for item in described if isinstance(item, Part) and item.name == SERVER)
    (step,) = (step for step in server.init if step.name == STEP)
    return LiveStack(
        workspace=workspace,
        settings=settings,
        workloads=workloads(workspace, settings),
        part=part,
        writers=tuple(parts.writers(described, builtin.SERVER, backups.WORKLOAD)),
        releases=tuple(parts.releases(described, builtin.SERVER)),
        described=server,
        step=step,
    )
