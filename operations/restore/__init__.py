"""Restore the databases of a stack from a backup.

The backup part recovers the data in its own volume, and starts a server on it when nothing writes
to the database any more. The step `postgres-restore` of the database's pod or container clones that
server, and sets the present data aside. The order of what follows makes an interruption harmless:
while there is recovered data, the restore is not verified yet. When it is discarded and something
is still stopped, only the rest is missing. Until the data is recovered, a note in the backup part
says that the restore has begun: for the newest state, what writes has stopped before.
"""

import click

from operations import backups, operator_backups, questions, stack_file, steps
from operations.restore import completion, move, plan, recovering, replace, request, rest
from operations.restore import live as live_stack
from operations.workspace import Workspace


def restore(
    stack: str,
    *,
    at: str | None = None,
    backup: str | None = None,
    source: str | None = None,
    into: str | None = None,
    yes: bool = False,
) -> None:
    """Restore the databases of a running stack, or bring them `into` another, empty one."""
    wish = request.parsed(at, backup, source)
    if into:
        move.expect_another(stack, into)
    workspace = Workspace.of(stack)
    settings = stack_file.open_stack(workspace)
    if operator_backups.makes(settings):
        # It may run `up`, and imports what that needs.
        from operations.operator_backups.restore import restore

        restore(workspace, settings, wish, into, yes=yes)
        return
    if into:
        move.move(workspace, settings, into, wish, yes=yes)
        return
    live = live_stack.of(workspace, settings)
    state = backups.read(live.part)
    stopped = live.workloads.stopped()
    if state.restore is None and stopped and not recovering.is_begun(live):
        plan.show_rest(stopped)
        questions.confirm(f"Finish the restore of {stack}?", yes=yes)
        rest.finish(live)
        steps.console.print("It is finished. Another restore can begin now.")
        return
    if state.restore and wish.is_newest and not state.restore.was_newest:
        raise click.ClickException(
            f"a restore of {stack} to {state.restore} was interrupted. Nothing was changed. The "
            "same command as then, with AT or BACKUP, finishes it. The runbook RestoreOpen says "
            "how to give it up."
        )
    goes_on = state.restore is not None and wish.is_for(state.restore.target)
    if goes_on and wish.is_newest and not stopped:
        # What wrote went on meanwhile, so it is not the newest state any more.
        goes_on = False
    if not goes_on and not wish.offsite:
        replace.expect_room(live, state, wish.base(state).size)
    plan.show(live, state, wish, goes_on=goes_on)
    questions.confirm(f"Restore the databases of {stack} as shown?", yes=yes)
    begin = steps.now()
    if not goes_on:
        recovering.recover(live, wish, yes=yes)
    completion.complete(live, begin, away=begin if wish.is_newest else None)
