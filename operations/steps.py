"""Steps that are printed as they happen, each with its time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TimeElapsedColumn

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

# Pulumi asks nothing, and prints what it does: the verb shows the outputs itself.
UNASKED = ("--yes", "--skip-preview", "--suppress-progress", "--suppress-outputs")

Report = Callable[[str], None]
now = time.monotonic


@contextmanager
def step(title: str, *, prints: bool = False) -> Iterator[Report]:
    """Print the step's title, each line that it reports, and how long it took.

    On a terminal its time runs beside it, unless what it runs `prints` for itself.
    """
    console.print(title, style="bold", markup=False)
    begun = now()
    columns = (SpinnerColumn(), TimeElapsedColumn())
    quiet = prints or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=quiet) as progress:
        progress.add_task(title)
        yield lambda line: console.print(f"  {line}", markup=False, soft_wrap=True)
    console.print(f"  {now() - begun:.1f} s", style="dim")
