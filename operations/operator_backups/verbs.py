"""Make a base backup of an operator's cluster, list the backups, and say how to rehearse one."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NoReturn

import click
from rich.markup import escape
from rich.table import Table

from components.settings import Settings
from operations import steps, units
from operations.operator_backups import objects
from operations.operator_backups.objects import FAILED, Backup, Backups, Objects
from operations.workspace import Workspace

TITLES = ("id", "begin (UTC)", "age", "duration", "state")
# The seconds between two questions, and those within which a backup must have begun.
PAUSE, PATIENCE = 2, 300
ENDED = frozenset({objects.COMPLETED, FAILED, "invalid backup definition"})

pause = time.sleep


def backup(workspace: Workspace, settings: Settings) -> None:
    """Ask for a base backup now, and wait for it."""
    stack = workspace.stack
    store = objects.of(workspace, settings)
    cluster = store.cluster()
    if cluster is None:
        raise click.ClickException(
            f"the namespace {store.namespace} has no cluster {objects.CLUSTER}. "
            f"make up STACK={stack} creates it."
        )
    name = f"{objects.CLUSTER}-{datetime.now(UTC):%Y%m%d%H%M%S}"
    with steps.step(f"Base backup of the stack {stack}") as report:
        store.create(name, cluster)
        made = _wait(store, name, report)
        report(f"id         {made.id}")
        if made.begin and made.end:
            report(f"duration   {units.age(made.end - made.begin)}")
        report(f"log        {' to '.join(made.wal)}")
    steps.console.print(
        f"It is restored into a new stack by make restore STACK={stack} INTO=new BACKUP={made.id}",
        markup=False,
        soft_wrap=True,
    )


def list_backups(workspace: Workspace, settings: Settings) -> bool:
    """Print the backups and what can be restored; return whether all is well."""
    state = objects.of(workspace, settings).read()
    now = datetime.now(UTC)
    if state.backups:
        steps.console.print(table(state, now))
        steps.console.print()
    steps.console.print(summary(state))
    if state.newest is None:
        steps.console.print(
            f"There is no complete base backup. make backup STACK={workspace.stack} makes one.",
            markup=False,
            soft_wrap=True,
        )
    return state.newest is not None and state.archiving is True


def newest(workspace: Workspace, settings: Settings) -> str:
    """What would be left of a stack that is removed. It is no verified backup."""
    backup = objects.of(workspace, settings).read().newest
    if backup is None or backup.end is None:
        return "CloudNativePG has made no base backup of this stack."
    ago = units.age(datetime.now(UTC) - backup.end)
    return (
        f"CloudNativePG's newest base backup, {backup.id}, ended {ago} ago. The bucket has it. No "
        "drill verifies it: rehearse it with a second stack, by make restore "
        f"STACK={workspace.stack} INTO=rehearsal."
    )


def refuse_drill(stack: str) -> NoReturn:
    """Raise ClickException with how a restore is rehearsed."""
    raise click.ClickException(
        "data.mode is cloudnative-pg, and that operator restores into a new cluster only, which "
        "takes as much room as the database. Nothing was changed. Rehearse a restore with a second "
        f"stack, and remove it afterwards: make restore STACK={stack} INTO=rehearsal"
    )


def table(state: Backups, now: datetime) -> Table:
    """One row for each backup, the newest first."""
    table = Table(*TITLES, box=None, pad_edge=False)
    for backup in state.backups:
        begin = backup.begin or backup.created
        took = units.age(backup.end - begin) if backup.end else ""
        table.add_row(
            backup.id or "none",
            f"{begin:%Y-%m-%d %H:%M:%S}",
            units.age(now - begin),
            took,
            f"[red]{backup.phase}[/red]" if _failed(backup) else backup.phase,
        )
    return table


def summary(state: Backups) -> Table:
    """What can be restored, and whether the log reaches the bucket."""
    table = Table(box=None, pad_edge=False, show_header=False)
    since = f"any second since {units.utc(state.since)}" if state.since else "nothing yet"
    table.add_row("restorable", since)
    words = {True: "reaches the bucket", False: "does not reach the bucket", None: "unknown"}
    table.add_row("log", escape(f"{words[state.archiving]}: {state.reason}"))
    newest = next(iter(state.backups), None)
    if newest and _failed(newest):
        table.add_row("newest", escape(f"{newest.phase}: {newest.error}"))
    table.add_row("last drill", "none: the operator's backups are rehearsed with a second stack")
    return table


def _failed(backup: Backup) -> bool:
    return backup.phase in ENDED and not backup.complete


def _wait(store: Objects, name: str, report: Callable[[str], None]) -> Backup:
    """Wait until a backup has ended. Raises ClickException if it fails, or does not begin."""
    deadline = datetime.now(UTC) + timedelta(seconds=PATIENCE)
    said = ""
    while True:
        backup = store.backup(name)
        phase = backup.phase if backup else "removed"
        if phase != said:
            report(f"state      {phase}")
            said = phase
        if backup and backup.complete:
            return backup
        problem = f": {backup.error}" if backup and backup.error else ""
        if backup is None or phase in ENDED:
            raise click.ClickException(f"the backup {name} is {phase}{problem}.")
        if backup.begin is None and datetime.now(UTC) > deadline:
            raise click.ClickException(
                f"the backup {name} is {phase}{problem}. It has not begun for {PATIENCE} s, and "
                "stays asked for. The operator and its Barman Cloud plugin say why in their logs "
                "(docs/modes.md)."
            )
        pause(PAUSE)
