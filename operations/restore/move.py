"""Restore a backup of one stack into another one, which is empty, through this machine."""

import click

from components.settings import Settings
from operations import backups, questions, stack_file, stack_name, steps
from operations.inside import InsideWithStreams
from operations.restore import completion, plan, recovering, replace, rows
from operations.restore import live as live_stack
from operations.restore.live import LiveStack
from operations.restore.request import Request
from operations.workspace import Workspace

DIRECTORY = "/backups/restore"
# Reads to the end of the archive, and not to that of the input, which a pod cannot close.
_UNPACK = """\
import os, shutil, sys, tarfile
shutil.rmtree(sys.argv[1], ignore_errors=True)
os.mkdir(sys.argv[1], 0o700)
tarfile.open(fileobj=sys.stdin.buffer, mode="r|").extractall(sys.argv[1])
"""


def expect_another(stack: str, into: str) -> None:
    """Raise UsageError where both names are those of one stack."""
    if stack_name.bare(stack) == stack_name.bare(into):
        raise click.UsageError(
            f"INTO is {into}, the stack itself. Without INTO its own databases are restored."
        )


def move(workspace: Workspace, settings: Settings, into: str, wish: Request, *, yes: bool) -> None:
    """Recover in the backup part of the workspace's stack, and restore in the stack `into`."""
    origin = backups.part(workspace, settings)
    state = backups.read(origin)
    other = Workspace.of(into)
    other_settings = stack_file.settings(other)
    _expect_alike(settings, other_settings, into)
    live = live_stack.of(other, other_settings)
    size = 0 if wish.offsite else wish.base(state).size
    _expect_empty(live, size)
    plan.show(live, state, wish, origin=workspace.stack)
    questions.confirm(f"Bring the databases of {workspace.stack} into {into} as shown?", yes=yes)
    begin = steps.now()
    try:
        with steps.step(f"Recover {wish} in the backup part of {workspace.stack}") as report:
            recovered = rows.recovered(backups.run(origin, "recover", *wish.arguments, "--closed"))
            report(str(recovered))
        recovering.expect_all(wish, recovered, yes=yes)
        with steps.step(f"Copy it to the backup part of {into}"):
            copy(origin, backups.part(other, other_settings))
    finally:
        backups.run(origin, "discard")
    completion.complete(live, begin)


def copy(origin: InsideWithStreams, target: InsideWithStreams, directory: str = DIRECTORY) -> None:
    """Copy what is recovered from one backup part to another. The note `restore.json` says that
    the data is complete, so it comes last."""
    pack = ("tar", "--create", "--file=-", f"--directory={directory}", "data", "restore.json")
    target.feed(("python3", "-c", _UNPACK, directory), origin.read(pack))


def _expect_alike(settings: Settings, other: Settings, into: str) -> None:
    """Raise ClickException where the other stack cannot read the data, has the same place in a
    bucket, or is on another engine."""
    if settings.data.version != other.data.version:
        raise click.ClickException(
            f"data.version of {into} is {other.data.version}, and the data is of "
            f"{settings.data.version}. Nothing was changed. Restore into a stack of the same "
            "version, and upgrade that."
        )
    one, two = (data.backup and data.backup.offsite for data in (settings.data, other.data))
    if one and two and one.place == two.place:
        raise click.ClickException(
            f"data.backup.offsite of {into} is the same place. Nothing was changed. Both stacks "
            "would send one server's backups there, and mix them: give one of them another prefix."
        )
    both = {settings.target, other.target} == {"docker"}
    if both and settings.docker.host != other.docker.host:
        raise click.ClickException(
            f"docker.host of {into} is another engine. Nothing was changed. Restore from the "
            f"bucket instead: make restore STACK={into} FROM=offsite"
        )


def _expect_empty(live: LiveStack, size: int) -> None:
    """Raise ClickException where the stack has data, or no room."""
    state = backups.read(live.part)
    if state.restore:
        raise click.ClickException(
            f"a restore of {live.name} was interrupted. Nothing was changed. "
            f"make restore STACK={live.name} finishes it."
        )
    filled = sorted(name for name, count in rows.present(live.server()).items() if count)
    if filled:
        database, table = filled[0]
        raise click.ClickException(
            f"{live.name} has data, such as the table {table} of the database {database}. Nothing "
            "was changed. INTO names a stack without data; make restore "
            f"STACK={live.name} restores a stack's own."
        )
    replace.expect_room(live, state, size)
