"""Restore the databases of a stack from a backup.

The backup part recovers the data in its own volume and starts a server on it. The step
`postgres-restore` of the database's pod or container clones that server, and sets the present data
aside. The order of what follows makes an interruption harmless: while the recovered server is open,
the restore is not verified yet. When it is closed and something is still stopped, only the rest is
missing.
"""

from operations import backups, questions, stack_file, steps
from operations.restore import live as live_stack
from operations.restore import plan, replace, request, rest, rows
from operations.restore.live import LiveStack
from operations.restore.request import Request
from operations.restore.rows import Rows
from operations.workspace import Workspace

# Seconds that a command of the part waits for another one, such as a base backup that has begun.
PATIENCE = 600


def restore(
    stack: str,
    *,
    at: str | None = None,
    backup: str | None = None,
    source: str | None = None,
    into: str | None = None,
    yes: bool = False,
) -> None:
    """Restore the databases of a running stack. An interrupted restore goes on."""
    begin = steps.now()
    wish = request.parsed(at, backup, source)
    workspace = Workspace.of(stack)
    live = live_stack.of(workspace, stack_file.open_stack(workspace))
    state = backups.read(live.part)
    stopped = live.workloads.stopped()
    if state.restore is None and stopped:
        plan.show_rest(live, stopped)
        questions.confirm(f"Finish the restore of {stack}?", yes=yes)
        steps.console.print("Once it is finished, another restore can begin.")
        rest.finish(live)
        return
    goes_on = state.restore is not None and wish.is_for(state.restore.target)
    if not goes_on:
        replace.expect_room(live, state, wish)
    plan.show(live, state, wish, goes_on=goes_on)
    questions.confirm(f"Restore the databases of {stack} as shown?", yes=yes)
    identity, recovered = _recover(live, wish, goes_on=goes_on)
    away = steps.now()
    _stop(live)
    server = replace.replace(live, identity)
    with steps.step("Compare the rows with those that were recovered"):
        rows.expect_same(recovered, rows.present(server), stack)
        backups.run(live.part, "discard", "--wait", str(PATIENCE))
    rest.finish(live)
    steps.console.print(rows.table(recovered))
    plan.show_result(live, seconds=steps.now() - begin, away=steps.now() - away)


def _recover(live: LiveStack, wish: Request, *, goes_on: bool) -> tuple[str, Rows]:
    """Recover the data in the backup part; return the restore's id and the rows."""
    wait = ("--wait", str(PATIENCE))
    with steps.step(f"Recover {wish} in the backup part") as report:
        command = ("reopen",) if goes_on else ("recover", *wish.arguments)
        answer = backups.run(live.part, *command, *wait)
        recovered = rows.recovered(answer)
        report(f"{len(recovered)} tables, {sum(recovered.values())} rows")
    return str(answer["id"]), recovered


def _stop(live: LiveStack) -> None:
    writers = live.workloads.running(live.writers)
    with steps.step("Stop what writes to the databases") as report:
        live.workloads.stop(live.writers)
        report(", ".join(writers) or "nothing runs")
