"""Measures the vision figures at the start and then every so often, beside the requests."""

import asyncio
import logging
from collections.abc import Callable

from decision.metrics import ModelMetrics
from decision.vision import Figures

log = logging.getLogger(__name__)


async def watch(measure: Callable[[], Figures], metrics: ModelMetrics, interval: float) -> None:
    """Never ends by itself. A measurement that fails is logged and tried again next time."""
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
