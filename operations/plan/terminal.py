"""The difference for a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from operations.plan.compare import STATUSES, Change
from operations.plan.outcome import Outcome

_COLOURS = {"-": "red", "+": "green", "@": "cyan"}
_MARKS = {
    "removed": "bold red",
    "replaced": "bold magenta",
    "changed": "bold yellow",
    "created": "bold green",
    "follows": "bold cyan",
}
LINES = 40
"""Lines that are shown of a new resource. A changed resource shows all lines."""


def show(console: Console, outcomes: Sequence[Outcome], lines_of_new: int = LINES) -> None:
    """Print the changes of each stack, then the table, which stays visible at the end.

    Of a new resource only the first lines are shown, or none.
    """
    for outcome in outcomes:
        console.print(f"\n[bold]{outcome.stack}[/bold]")
        if outcome.failure:
            console.print("cannot be planned:", style="bold red")
            console.print(outcome.failure, markup=False)
        if outcome.base_failure:
            console.print("The base cannot be planned, so every resource counts as created:")
            console.print(outcome.base_failure, markup=False)
        if outcome.nothing_changes:
            console.print("Nothing changes.")
        for change in outcome.difference.changes if outcome.difference else ():
            _show(console, change, lines_of_new)
    console.print()
    console.print(_table(outcomes))


def _show(console: Console, change: Change, lines_of_new: int) -> None:
    resource = change.resource
    protected = " (protected)" if resource.protected and change.status == "removed" else ""
    head = Text.assemble(
        (f"{change.status:8}", _MARKS[change.status]),
        f" {resource.kind} ",
        (resource.name, "bold"),
        protected,
    )
    console.print(head, soft_wrap=True)
    lines = change.lines[:lines_of_new] if change.status == "created" else change.lines
    for line in lines:
        console.print(Text(f"    {line}", style=_COLOURS.get(line[0], "")), soft_wrap=True)
    if lines and len(lines) < len(change.lines):
        console.print(f"    … {len(change.lines) - len(lines)} more lines")


def _table(outcomes: Sequence[Outcome]) -> Table:
    """Every column counts resources, except `hidden values`."""
    table = Table("stack", *STATUSES, "same", "hidden values", box=None, pad_edge=False)
    for outcome in outcomes:
        difference = outcome.difference
        if difference:
            counts = [*map(difference.count, STATUSES), difference.same, difference.hidden]
            table.add_row(outcome.stack, *map(str, counts))
        else:
            table.add_row(outcome.stack, *["?"] * (len(STATUSES) + 2))
    return table
