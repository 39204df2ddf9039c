"""Measure how long a function takes, and compare it with others."""

import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Elapsed seconds, and CPU seconds of the child processes that have ended.

    Other work on the same cores increases the elapsed time, but hardly the CPU time.
    """

    clock: float
    cpu: float

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(clock=self.clock + other.clock, cpu=self.cpu + other.cpu)


def timed(run: Callable[[], object]) -> float:
    """The elapsed seconds of a function."""
    return cost(run).clock


def cost(run: Callable[[], object]) -> Cost:
    cpu, clock = _cpu(), time.monotonic()
    run()
    return Cost(clock=time.monotonic() - clock, cpu=_cpu() - cpu)


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def compare(title: str, ours: Sequence[Cost], other: str, theirs: Sequence[Cost]) -> None:
    """Print the medians and ratios of the elapsed time and of the CPU time."""
    for measure, unit in (("clock", ""), ("cpu", " of CPU")):
        ratio(
            title,
            [getattr(cost, measure) for cost in ours],
            other,
            [getattr(cost, measure) for cost in theirs],
            unit=unit,
        )


def ratio(
    title: str, ours: Sequence[float], other: str, theirs: Sequence[float], *, unit: str = ""
) -> None:
    """Print the medians of both, and the ratio of each pair."""
    ratios = [our / their for our, their in zip(ours, theirs, strict=True)]
    print(
        f"{title}: {statistics.median(ours):.2f} s{unit}, "
        f"{other} {statistics.median(theirs):.2f} s{unit}, "
        f"ratio {statistics.median(ratios):.2f} (of {len(ratios)}: "
        f"{min(ratios):.2f} to {max(ratios):.2f})",
        flush=True,
    )
