import asyncio
import logging

import pytest
from prometheus_client import CollectorRegistry

from decision.camera import watch
from decision.metrics import ModelMetrics
from decision.vision import Figures

FIGURES = Figures(
    tracking_fps=100, recognition_fps=200, detection_accuracy=0.9, recognition_accuracy=0.8
)


class Camera:
    """Succeeds, then fails, then succeeds again."""

    def __init__(self) -> None:
        self.measured = 0

    def __call__(self) -> Figures:
        self.measured += 1
        if self.measured == 2:
            raise RuntimeError("no picture")
        return FIGURES


def test_a_failed_measurement_is_visible_and_the_next_one_still_runs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    registry = CollectorRegistry()
    metrics = ModelMetrics(registry)
    camera = Camera()
    seen: list[tuple[float | None, float | None]] = []

    async def observe() -> None:
        watching = asyncio.create_task(watch(camera, metrics, interval=0.02))
        for measured in (1, 2, 3):
            while camera.measured < measured:
                await asyncio.sleep(0.001)
            await asyncio.sleep(0.01)
            status = registry.get_sample_value("camera_status", {"camera": "synthetic"})
            seen.append((status, registry.get_sample_value("vision_tracking_fps")))
        watching.cancel()

    asyncio.run(observe())

    assert seen == [(1, 100), (0, 100), (1, 100)]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
