"""Data that a restore has set aside in the server's volume, and volumes that an upgrade has
replaced: list them, and remove one."""

import subprocess
from dataclasses import dataclass

import click
from rich.table import Table

from components.settings import nearest
from operations import backups, database_server, replaced_volumes, stack_file, steps, units
from operations.inside import Inside
from operations.workspace import Workspace

# Beside the data directory: what restores and an interrupted first start have set aside.
_LIST = """\
cd "${PGDATA%/*}"
for directory in "${PGDATA##*/}".before-* "${PGDATA##*/}".interrupted; do
    [ ! -d "$directory" ] || du -s -k "$directory"
done
"""
_REMOVE = 'cd "${PGDATA%/*}" && rm -r "./$1"'


@dataclass(frozen=True, kw_only=True)
class Replaced:
    """A directory with a former data directory. `size` is in bytes."""

    name: str
    size: int


def read(server: Inside) -> list[Replaced]:
    """What is set aside in the volume of the server, the newest last."""
    lines = (line.split("\t") for line in server.run(["sh", "-c", _LIST]).splitlines())
    found = (Replaced(name=name, size=int(size) * 1024) for size, name in lines)
    return sorted(found, key=lambda replaced: replaced.name)


def drop_replaced(stack: str, name: str | None, *, confirmed: bool) -> None:
    """List what is set aside; with a name, remove that, but ask first."""
    workspace = Workspace.of(stack)
    settings = stack_file.open_stack(workspace)
    server = database_server.of(workspace, settings).inside
    volumes = replaced_volumes.read(workspace, settings)
    found = {replaced.name: units.size(replaced.size) for replaced in read(server)} | volumes
    if not found:
        steps.console.print(f"Nothing of the server of {stack} is set aside.")
        return
    if name is None:
        table = Table("name", "size", box=None, pad_edge=False)
        for row in found.items():
            table.add_row(*row)
        steps.console.print(table)
        steps.console.print(
            f"\nTo remove one: make drop-replaced STACK={stack} NAME=…", style="dim"
        )
        return
    if name not in found:
        likely = nearest(name, found)
        hint = f" The nearest name is {likely}." if likely else ""
        raise click.ClickException(f"nothing with the name {name} is set aside.{hint}")
    cause = "an upgrade" if name in volumes else "a restore"
    steps.console.print(
        f"This removes {name} ({found[name]}), which {cause} of the stack {stack} has replaced. "
        "Nothing can bring it back.",
        markup=False,
        soft_wrap=True,
    )
    if not confirmed and click.prompt("Type the name to remove it") != name:
        raise click.ClickException("that is another name. Nothing was changed.")
    try:
        if name in volumes:
            replaced_volumes.remove(workspace, settings, name)
        else:
            server.run(["sh", "-c", _REMOVE, "sh", name])
    except subprocess.CalledProcessError as error:
        raise click.ClickException(backups.reason(error)) from None
    steps.console.print(f"{name} is removed.", markup=False)
