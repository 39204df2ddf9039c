"""Steps of a verb: each prints its title, its progress and how long it took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TimeElapsedColumn

from airgap.report import Report

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

# Pulumi does not ask for confirmation. It prints its changes; the verb prints the outputs.
NON_INTERACTIVE = ("--yes", "--skip-preview", "--suppress-progress", "--suppress-outputs")

now = time.monotonic


@contextmanager
def step(title: str, *, prints: bool = False) -> Iterator[Report]:
    """Print the step's title, each line that it reports, and how long it took.

    A terminal also shows the elapsed time while the step runs, unless `prints` says that a program
    of this step prints to the terminal itself.
    """
    console.print(title, style="bold", markup=False)
    start = now()
    columns = (SpinnerColumn(), TimeElapsedColumn())
    quiet = prints or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=quiet) as progress:
        progress.add_task(title)
        yield lambda line: console.print(f"  {line}", markup=False, soft_wrap=True)
    console.print(f"  {now() - start:.1f} s", style="dim")
