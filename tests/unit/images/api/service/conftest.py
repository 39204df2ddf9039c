from pathlib import Path

import pytest
from backend.service.metrics import Metrics


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(disk=Path("/"))
