"""How long something takes, and against what."""

import statistics
import time
from collections.abc import Callable


def timed(run: Callable[[], object]) -> float:
    """Seconds."""
    begun = time.monotonic()
    run()
    return time.monotonic() - begun


def ratio(what: str, ours: list[float], other: str, theirs: list[float]) -> None:
    """Print the medians of both, and the ratios pair by pair."""
    ratios = [mine / its for mine, its in zip(ours, theirs, strict=True)]
    print(
        f"{what}: {statistics.median(ours):.2f} s, {other} {statistics.median(theirs):.2f} s, "
        f"ratio {statistics.median(ratios):.2f} (of {len(ratios)}: "
        f"{min(ratios):.2f} to {max(ratios):.2f})"
    )
