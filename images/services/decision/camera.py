"""Measures the vision figures at the start and then at an interval, in a thread."""

import asyncio
import logging
from collections.abc import Callable

from decision.metrics import ModelMetrics
from decision.vision import Figures

log = logging.getLogger(__name__)


async def watch(measure: Callable[[], Figures], metrics: ModelMetrics, interval: float) -> None:
    """Measure until cancelled. A failed measurement is logged and repeated at the next interval."""
    while True:
        try:
            figures = await asyncio.to_thread(measure)
        except Exception:
            log.exception("the vision figures could not be measured")
            metrics.measured_vision(None)
        else:
            log.debug("measured %s", figures)
            metrics.measured_vision(figures)
        await asyncio.sleep(interval)
