"""What a restore will do, and what it has done, on the terminal."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.table import Table

from operations import backups, replaced, steps, units
from operations.backups import Backups, OpenRestore
from operations.restore.live import LiveStack
from operations.restore.request import Request


def show(live: LiveStack, state: Backups, wish: Request, *, goes_on: bool) -> None:
    """Show what the restore will do. `goes_on`: an interrupted one has recovered the data."""
    table = _table()
    if goes_on and state.restore:
        table.add_row("goes on", f"with the interrupted restore to {_target(state.restore)}")
    else:
        if state.restore:
            table.add_row("gives up", f"the interrupted restore to {_target(state.restore)}")
        table.add_row("to", str(wish))
        table.add_row("from", "the bucket" if wish.offsite else _base(wish, state))
    writers = [*live.workloads.running(live.writers)]
    table.add_row("stops", ", ".join(writers) or "nothing, because nothing runs")
    table.add_row("replaces", "all databases of the server postgres")
    table.add_row("keeps", "the present data, until make drop-replaced removes it")
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
    if kept := replaced.read(live.server().inside):
        newest = kept[-1]
        steps.console.print(
            f"The data that it replaced is kept: {newest.name}, {units.size(newest.size)}. To "
            f"remove it: make drop-replaced STACK={live.name} NAME={newest.name}",
            markup=False,
            soft_wrap=True,
        )


def _base(wish: Request, state: Backups) -> str:
    base = wish.base(state)
    verified = "verified" if base.verified else "not verified by a drill yet"
    log = "" if wish.backup else ", and the log since then"
    age = units.age(datetime.now(UTC) - base.begin)
    return f"the backup {base.id} ({units.size(base.size)}, {age} old, {verified}){log}"


def _target(restore: OpenRestore) -> str:
    """The target as people read it; the part says a time as programs do."""
    try:
        return units.utc(backups.moment(restore.target))
    except ValueError:
        return restore.target


def _table() -> Table:
    return Table.grid(padding=(0, 2))
