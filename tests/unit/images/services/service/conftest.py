"""Tests of the shared package, through the backend and directly."""

from pathlib import Path

import pytest

from service.metrics import Metrics
from tests.unit.images.services.backend.conftest import client, database, decider, redis, settings

__all__ = ["client", "database", "decider", "redis", "settings"]


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(disk=Path("/"))
