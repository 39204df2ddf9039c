"""Steps that are printed as they happen, each with its time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

Report = Callable[[str], None]
now = time.monotonic


@contextmanager
def step(title: str) -> Iterator[Report]:
    """Print the step's title, each line that it reports, and how long it took."""
    console.print(f"[bold]{title}[/bold]")
    begun = now()
    yield lambda line: console.print(f"  {line}", markup=False)
    console.print(f"  [dim]{now() - begun:.1f} s[/dim]")
