"""What a restore will do, and what it has done, on the terminal."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.table import Table

from operations import destination, replaced, steps, units
from operations.backups import Backups
from operations.restore.live import LiveStack
from operations.restore.request import Request


def show(
    live: LiveStack,
    state: Backups,
    wish: Request,
    *,
    goes_on: bool = False,
    origin: str | None = None,
) -> None:
    """Show what the restore will do. `state` is that of the backup part which recovers.

    `goes_on`: an interrupted restore has recovered the data. `origin` is the stack that the data
    comes from; without it, it is the stack's own.
    """
    table = _table()
    if live.settings.target == "kubernetes":
        table.add_row("on", str(destination.find(live.settings.kubernetes, live.workspace)))
    if goes_on and state.restore:
        table.add_row("goes on", f"with the interrupted restore to {state.restore}")
    else:
        if state.restore:
            table.add_row("gives up", f"the interrupted restore to {state.restore}")
        table.add_row("to", str(wish))
        source = "the bucket" if wish.offsite else _base(wish, state)
        table.add_row("from", f"{source}, of the stack {origin}" if origin else source)
    writers = [*live.workloads.running(live.writers)]
    table.add_row("stops", ", ".join(writers) or "nothing, because nothing runs")
    table.add_row("replaces", "all databases of the server postgres")
    table.add_row("keeps", "the present data, until make drop-replaced removes it")
    if origin is None:
        table.add_row("loses", _lost(wish, goes_on=goes_on))
    steps.console.print(f"Restore of the stack {live.name}", style="bold", markup=False)
    steps.console.print(table)
    steps.console.print()


def show_rest(stopped: Sequence[str]) -> None:
    """Show what remains to be done."""
    steps.console.print(
        "A restore was interrupted after the databases were back. Still stopped: "
        + ", ".join(stopped),
        markup=False,
        soft_wrap=True,
    )


def show_result(live: LiveStack, *, total: float, away: float) -> None:
    """Show how long it took, and what data the restore has set aside."""
    steps.console.print(
        f"\nRestored in {total:.0f} s; the services were away for {away:.0f} s.",
        markup=False,
    )
    kept = [item for item in replaced.read(live.server().inside) if ".before-" in item.name]
    if kept:
        newest = kept[-1]
        steps.console.print(
            f"The data that it replaced is kept: {newest.name}, {units.size(newest.size)}. To "
            f"remove it: make drop-replaced STACK={live.name} NAME={newest.name}",
            markup=False,
            soft_wrap=True,
        )


def _lost(wish: Request, *, goes_on: bool) -> str:
    if goes_on:
        return "everything that was written after that"
    if wish.at or wish.backup:
        return f"everything that was written after {wish}"
    if wish.offsite:
        return "everything that was written after the last copy to the bucket"
    return "nothing, if the server runs; else what its log had not brought to the backup part"


def _base(wish: Request, state: Backups) -> str:
    base = wish.base(state)
    verified = "verified" if base.verified else "not verified by a drill yet"
    log = "" if wish.backup else ", and the log since then"
    age = units.age(datetime.now(UTC) - base.begin)
    return f"the backup {base.id} ({units.size(base.size)}, {age} old, {verified}){log}"


def _table() -> Table:
    return Table.grid(padding=(0, 2))
