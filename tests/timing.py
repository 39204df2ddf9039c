"""How long something takes, and against what."""

import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Seconds by the clock, and seconds of CPU in the programs that were started and have ended.

    Other work on the same cores makes the first one longer, and hardly the second one.
    """

    clock: float
    cpu: float

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(clock=self.clock + other.clock, cpu=self.cpu + other.cpu)


def timed(run: Callable[[], object]) -> float:
    """Seconds."""
    return cost(run).clock


def cost(run: Callable[[], object]) -> Cost:
    cpu, clock = _cpu(), time.monotonic()
    run()
    return Cost(clock=time.monotonic() - clock, cpu=_cpu() - cpu)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def compare(what: str, ours: Sequence[Cost], other: str, theirs: Sequence[Cost]) -> None:
    """Print the medians and ratios by the clock, and those of the CPU."""
    for measure, unit in (("clock", ""), ("cpu", " of CPU")):
        ratio(
            what,
            [getattr(each, measure) for each in ours],
            other,
            [getattr(each, measure) for each in theirs],
            unit=unit,
        )


def ratio(
    what: str, ours: Sequence[float], other: str, theirs: Sequence[float], *, unit: str = ""
) -> None:
    """Print the medians of both, and the ratios pair by pair."""
    ratios = [mine / its for mine, its in zip(ours, theirs, strict=True)]
    print(
        f"{what}: {statistics.median(ours):.2f} s{unit}, "
        f"{other} {statistics.median(theirs):.2f} s{unit}, "
        f"ratio {statistics.median(ratios):.2f} (of {len(ratios)}: "
        f"{min(ratios):.2f} to {max(ratios):.2f})",
        flush=True,
    )
