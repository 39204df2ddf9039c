"""The running stack whose databases move to another major version."""

from dataclasses import dataclass

import click

from components.data import builtin
from components.settings import Settings, SettingsError, broken_rules, of_version
from operations import (
    backups,
    database_server,
    docker_stack,
    kubernetes_stack,
    parts,
)
from operations.inside import Inside
from operations.restore import live
from operations.restore.live import Workloads
from operations.upgrade import volumes
from operations.workspace import Workspace

HEALTHY = 300
"""Seconds until what was stopped is healthy again."""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """`settings` are those of the stack file, with the version `to`. `before` is the version that
    the data has, in the volume `volume`."""

    workspace: Workspace
    settings: Settings
    before: int
    volume: str

    @property
    def name(self) -> str:
        return self.workspace.stack

    @property
    def to(self) -> int:
        return self.settings.data.version

    @property
    def on_docker(self) -> bool:
        return self.settings.target == "docker"

    def workloads(self) -> Workloads:
        return live.workloads(self.workspace, self.settings)

    def writers(self) -> list[str]:
        """What writes to the databases, in the order in which it starts."""
        described = parts.described(self.settings, self.workspace.name)
        return parts.writers(described, builtin.SERVER, backups.WORKLOAD)

    def server(self) -> database_server.DatabaseServer:
        return database_server.of(self.workspace, self.settings)

    def backup_part(self) -> Inside | None:
        """The backup part; None for a stack without backups."""
        if self.settings.data.built_in_backup is None:
            return None
        return backups.part(self.workspace, self.settings)

    def kept_volumes(self) -> list[str]:
        """The names of the stack's volumes on its target."""
        if self.on_docker:
            return docker_stack.volumes(self.workspace.name)
        return kubernetes_stack.claims(self.settings.kubernetes, self.workspace)


def expect_version(settings: Settings, to: int) -> None:
    """Raise ClickException or UsageError if the stack's databases cannot move to this version."""
    if settings.data.mode != "builtin":
        raise click.ClickException(
            f"data.mode is {settings.data.mode}: this verb moves the platform's own server only "
            '(docs/data.md, "Another major version").'
        )
    if settings.data.version != to:
        raise click.UsageError(
            f"TO={to}, but data.version is {settings.data.version} in the stack file. Nothing was "
            f"changed. Set data.version: {to} there first: the file says what the stack shall be."
        )


def of(workspace: Workspace, settings: Settings) -> Stack:
    """The stack, with the version that its state remembers. Raises ClickException if it has no
    data, and SettingsError if there is no image of the version of its data."""
    name = workspace.stack
    present = volumes.present(workspace)
    if not present:
        raise click.ClickException(
            f"the stack {name} has no data yet. make up STACK={name} creates it with PostgreSQL "
            f"{settings.data.version}."
        )
    (volume, before), *others = present.items()
    if others:
        raise click.ClickException(f"the state has several volumes of the server: {present}.")
    problems = list(broken_rules(of_version(settings, before)))
    if problems:
        raise SettingsError(problems)
    return Stack(workspace=workspace, settings=settings, before=before, volume=volume)
