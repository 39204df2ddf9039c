"""Bring the files of a service back from the bucket.

The backup part keeps the request. A step of the service, which runs before it starts, asks for it,
brings the copy back, and sets aside what the volume had.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import click
from rich.table import Table

from components import derived_names
from components.addresses import PROJECT
from components.settings import Settings
from operations import (
    backups,
    docker_stack,
    kubernetes_stack,
    kubernetes_workloads,
    questions,
    stack_file,
    steps,
    units,
)
from operations.docker_workloads import DockerWorkloads
from operations.inside import EngineContainer, Inside
from operations.restore.live import Workloads
from operations.restore.request import OFFSITE
from operations.workspace import Workspace

# How often the service is started: the policies of a cluster may let a new pod through to the
# backup part a moment after its step has asked.
STARTS = 3
# Seconds for the step, and until the service is ready.
STEP_SECONDS, READY_SECONDS = 3600, 600


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A copy of one volume."""

    volume: str
    at: datetime


def restore_files(
    stack: str, service: str, *, at: str | None = None, source: str | None = None, yes: bool = False
) -> None:
    """Bring back the newest copy of a service's volumes, or the newest one of a time."""
    options = _options(at, source)
    workspace = Workspace.of(stack)
    settings = stack_file.open_stack(workspace)
    _expect_copies(settings, service)
    part = backups.part(workspace, settings)
    workloads: Workloads = (
        DockerWorkloads(stack=workspace.name)
        if settings.target == "docker"
        else kubernetes_workloads.of(settings.kubernetes, workspace)
    )
    request = ("files", "request", service, *options)
    _show(stack, service, _copies(backups.run(part, *request, "--preview")["copies"]))
    questions.confirm(f"Restore the files of {service} as shown?", yes=yes)
    try:
        with steps.step(f"Restart {service} through its step") as report:
            answer = backups.run(part, *request)
            _restart(workspace, settings, workloads, service, str(answer["id"]))
            report(", ".join(copy.volume for copy in _copies(answer["copies"])))
    finally:
        backups.run(part, "files", "discard", service)
    steps.console.print(
        "The files that it replaced are in the volume, below .ai-platform/before-*.", markup=False
    )


def _restart(
    workspace: Workspace, settings: Settings, workloads: Workloads, service: str, identity: str
) -> None:
    """Restart the service until its volumes are those of the request."""
    for _ in range(STARTS):
        workloads.stop([service])
        workloads.run_step(derived_names.file_restorer(service), STEP_SECONDS)
        workloads.start([service])
        workloads.wait_running([service], STEP_SECONDS)
        workloads.wait([service], READY_SECONDS)
        state = backups.run(_sidecar(workspace, settings, service), "files", "state")
        if identity in state["restored"].values():
            return
    raise click.ClickException(
        f"{service} started {STARTS} times without the copy: its step "
        f"{derived_names.file_restorer(service)} did not reach the backup part. Its files are as "
        "they were."
    )


def _sidecar(workspace: Workspace, settings: Settings, service: str) -> Inside:
    """The container beside the service that sees its volumes."""
    name = derived_names.file_copies(service)
    if settings.target == "kubernetes":
        return replace(
            kubernetes_stack.inside(settings.kubernetes, workspace, service), container=name
        )
    docker_stack.inside(workspace, service)  # or it says that nothing runs
    return EngineContainer(
        docker=("docker", "exec", "--interactive", f"{PROJECT}-{workspace.name}-{name}")
    )


def _expect_copies(settings: Settings, service: str) -> None:
    if not (settings.data.copies_files and settings.data.built_in_backup):
        raise click.UsageError(
            "no files are copied: data.backup.offsite is not set, or says files: false, or the "
            "stack has no backup part."
        )
    services = settings.api.services
    if service not in services or not services[service].owns_volume:
        own = sorted(name for name, other in services.items() if other.owns_volume)
        raise click.UsageError(
            f"FILES={service} has no volume. These services have one: " + (", ".join(own) or "none")
        )


def _options(at: str | None, source: str | None) -> tuple[str, ...]:
    if source not in (None, OFFSITE):
        raise click.UsageError(f"FROM is {source!r}; files come from {OFFSITE} only.")
    try:
        return ("--at", backups.moment(at).isoformat()) if at else ()
    except ValueError:
        raise click.UsageError(
            f"AT is {at!r}, which is no time. Write it as '2026-11-24 21:00:00', which is UTC."
        ) from None


def _copies(rows: Sequence[Mapping[str, str]]) -> list[Copy]:
    return [Copy(volume=row["volume"], at=backups.moment(row["at"])) for row in rows]


def _show(stack: str, service: str, copies: Sequence[Copy]) -> None:
    table = Table.grid(padding=(0, 2))
    for copy in copies:
        table.add_row("restores", f"{copy.volume}, as it was at {units.utc(copy.at)}")
    table.add_row("restarts", service)
    table.add_row("keeps", "the present files, in the same volume")
    steps.console.print(f"Restore of files in the stack {stack}", style="bold", markup=False)
    steps.console.print(table)
    steps.console.print()
