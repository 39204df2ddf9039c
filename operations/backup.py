"""Make a base backup, list the backups, and rehearse a restore."""

from datetime import UTC, datetime

from rich.markup import escape
from rich.table import Table

from components.settings import Settings
from operations import backups, operator_backups, stack_file, steps, units
from operations.backups import Backups, Outcome
from operations.operator_backups import verbs
from operations.workspace import Workspace

TITLES = ("id", "begin (UTC)", "age", "size", "verified")


def backup(stack: str) -> None:
    """Make a base backup now, and print what it takes."""
    workspace, settings = _open(stack)
    if operator_backups.makes(settings):
        verbs.backup(workspace, settings)
        return
    part = backups.part(workspace, settings)
    with steps.step(f"Base backup of the stack {stack}") as report:
        made = backups.run(part, "now")
        report(f"id         {made['id']}")
        report(f"size       {units.size(made['size'])}")
        report(f"log up to  {made['wal']}")
    steps.console.print(
        f"It is restored by make restore STACK={stack} BACKUP={made['id']}. A drill verifies it: "
        f"make drill STACK={stack}",
        markup=False,
        soft_wrap=True,
    )


def list_backups(stack: str) -> bool:
    """Print the backups and how the part is; return whether all is well."""
    workspace, settings = _open(stack)
    if operator_backups.makes(settings):
        return verbs.list_backups(workspace, settings)
    state = backups.read(backups.part(workspace, settings))
    now = datetime.now(UTC)
    if state.backups:
        steps.console.print(table(state, now))
        steps.console.print()
    steps.console.print(summary(state, now))
    if state.newest is None:
        steps.console.print(
            f"There is no complete base backup. make backup STACK={stack} makes one.",
            markup=False,
            soft_wrap=True,
        )
    return is_well(state)


def drill(stack: str) -> bool:
    """Restore the newest backup into a scratch server and compare it with the database; return
    whether it came back whole."""
    workspace, settings = _open(stack)
    if operator_backups.makes(settings):
        verbs.refuse_drill(stack)
    part = backups.part(workspace, settings)
    with steps.step(
        f"Drill of the stack {stack}: restore the newest backup, and compare"
    ) as report:
        backups.run(part, "drill")
        outcome = backups.read(part).drill
        if outcome:
            report(_drill(outcome, datetime.now(UTC)))
    return outcome is not None and outcome.ok


def is_well(state: Backups) -> bool:
    """Whether there is a backup, its log arrives, and the last drill and copy were good."""
    outcomes = (outcome for outcome in (state.drill, state.offsite) if outcome)
    streaming = state.archiving.state == "streaming"
    return state.newest is not None and streaming and all(outcome.ok for outcome in outcomes)


def table(state: Backups, now: datetime) -> Table:
    """One row for each backup, the newest first."""
    table = Table(*TITLES, box=None, pad_edge=False)
    for backup in state.backups:
        verified = units.age(now - backup.verified) + " ago" if backup.verified else "not yet"
        table.add_row(
            backup.id,
            f"{backup.begin:%Y-%m-%d %H:%M:%S}",
            units.age(now - backup.begin),
            units.size(backup.size),
            verified if backup.complete else f"[red]{backup.state}[/red]",
        )
    return table


def summary(state: Backups, now: datetime) -> Table:
    """What can be restored, and how the log, the drill, the copy and the volume are."""
    table = Table(box=None, pad_edge=False, show_header=False)
    window, archiving = state.window, state.archiving
    any_second = "nothing yet"
    if window:
        any_second = f"any second from {units.utc(window.start)} to {units.utc(window.end)}"
    table.add_row("restorable", any_second)
    lag = f", {units.size(archiving.lag)} behind" if archiving.lag else ""
    reason = f": {archiving.reason}" if archiving.reason else ""
    table.add_row("log", escape(f"{archiving.state}{lag}{reason}"))
    drilled = _drill(state.drill, now) if state.drill else "none yet"
    table.add_row("last drill", escape(drilled))
    if state.offsite:
        ok = "ok" if state.offsite.ok else f"failed: {state.offsite.reason}"
        table.add_row("offsite", escape(f"{units.age(now - state.offsite.at)} ago, {ok}"))
    left, size = units.size(state.volume_available), units.size(state.volume_size)
    table.add_row("volume", f"{left} of {size} left")
    if state.restore:
        table.add_row("restore", f"open, to {state.restore}: make restore finishes it")
    return table


def _drill(outcome: Outcome, now: datetime) -> str:
    ended = "ok" if outcome.ok else "failed"
    if outcome.reason:
        ended += f", {outcome.reason}" if outcome.ok else f": {outcome.reason}"
    return f"{units.age(now - outcome.at)} ago, of {outcome.backup}, {ended}"


def _open(stack: str) -> tuple[Workspace, Settings]:
    workspace = Workspace.of(stack)
    return workspace, stack_file.open_stack(workspace)
