"""Show what is lost with a stack's data: the volumes, the databases and the secrets."""

import subprocess
from collections.abc import Collection, Mapping

import click
from rich.table import Column, Table

from components.settings import Settings
from operations import database_server, databases, docker_stack, steps
from operations.backups import WORKLOAD as BACKUP
from operations.kept import Kept
from operations.workspace import Workspace

TITLES = ("volume", "in use", "holds")
UNKNOWN = "unknown"


def sizes(workspace: Workspace, settings: Settings) -> dict[str, str]:
    """The size of each volume by its name on the target, where the target can say."""
    if settings.target == "kubernetes":
        from operations import claim_sizes

        return claim_sizes.sizes(settings.kubernetes, workspace)
    return docker_stack.sizes()


def in_backups(item: Kept) -> bool:
    """Whether backups have what a volume holds: the databases, or the files of a service."""
    return item.has_databases or service(item) is not None


def holds(item: Kept) -> str:
    """What people call the content of a volume; "" where its name says it."""
    if item.has_databases:
        return "the databases"
    if item.short == BACKUP:
        return "the backups"
    name = service(item)
    return f"the files of {name}" if name else ""


def service(item: Kept) -> str | None:
    """The service whose files a volume has, also of one that the stack file no longer has. Only
    `data_volume` makes such names."""
    name = item.short.removesuffix("-data")
    return None if item.is_secret or name == item.short else name


def show(
    workspace: Workspace,
    settings: Settings,
    items: Collection[Kept],
    replaced: Mapping[str, str] | None = None,
) -> None:
    """Print the volumes with their sizes, the databases, and the names of the secrets. `replaced`
    are the sizes of volumes that upgrades have replaced."""
    volumes = [item for item in items if not item.is_secret]
    if volumes or replaced:
        known = sizes(workspace, settings)
        table = Table(
            *(Column(title, overflow="fold") for title in TITLES), box=None, pad_edge=False
        )
        for item in volumes:
            table.add_row(item.name, known.get(item.name, UNKNOWN), holds(item))
        for name, size in (replaced or {}).items():
            table.add_row(name, size, "the databases, before an upgrade")
        steps.console.print(table)
    if any(item.has_databases for item in volumes):
        _print(_databases(workspace, settings))
    if secrets := [item.name for item in items if item.is_secret]:
        _print(f"Secrets: {', '.join(secrets)}")


def _databases(workspace: Workspace, settings: Settings) -> str:
    try:
        rows = databases.read(database_server.of(workspace, settings), settings)
    except click.ClickException as error:
        return f"The databases cannot be listed: {error.message}"
    except subprocess.CalledProcessError:
        return "The databases cannot be listed: the server does not answer."
    return f"Databases: {', '.join(f'{row.name} ({row.size})' for row in rows)}"


def _print(line: str) -> None:
    steps.console.print(line, markup=False, soft_wrap=True)
