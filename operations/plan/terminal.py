"""The difference in a terminal."""

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
"""Lines of a resource that is new: what it is made of, not what changes."""


def show(console: Console, outcomes: Sequence[Outcome]) -> None:
    """Print what changes in each stack, and the table last, where it is seen."""
    for outcome in outcomes:
        console.print(f"\n[bold]{outcome.stack}[/bold]")
        if outcome.failure:
            console.print("cannot be planned:", style="bold red")
            console.print(outcome.failure, markup=False)
        if outcome.base_failure:
            console.print("The base cannot be planned: all that this asks for counts as created.")
            console.print(outcome.base_failure, markup=False)
        if outcome.nothing_changes:
            console.print("Nothing changes.")
        for change in outcome.difference.changes if outcome.difference else ():
            _show(console, change)
    console.print()
    console.print(_table(outcomes))


def _show(console: Console, change: Change) -> None:
    resource = change.resource
    protected = " (protected)" if resource.protected and change.status == "removed" else ""
    head = Text.assemble(
        (f"{change.status:8}", _MARKS[change.status]),
        f" {resource.kind} ",
        (resource.name, "bold"),
        protected,
    )
    console.print(head, soft_wrap=True)
    shown = change.lines[:LINES] if change.status == "created" else change.lines
    for line in shown:
        console.print(Text(f"    {line}", style=_COLOURS.get(line[0], "")), soft_wrap=True)
    if len(shown) < len(change.lines):
        console.print(f"    … {len(change.lines) - len(shown)} more lines")


def _table(outcomes: Sequence[Outcome]) -> Table:
    """What is hidden are values, the other figures resources."""
    table = Table("stack", *STATUSES, "same", "hidden values", box=None, pad_edge=False)
    for outcome in outcomes:
        found = outcome.difference
        counts = [*map(found.count, STATUSES), found.same, found.hidden] if found else "???????"
        table.add_row(outcome.stack, *map(str, counts))
    return table
