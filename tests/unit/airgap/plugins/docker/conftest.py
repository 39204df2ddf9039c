"""An engine whose client only records what it is asked."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock

import pytest
from docker import APIClient

from airgap.plugins.docker.engine import Engine


class RecordingEngine(Engine):
    def __init__(self) -> None:
        super().__init__()
        self.recording = Mock(spec=APIClient)

    @property
    def client(self) -> Any:
        return self.recording

    @property
    def asked(self) -> list[str]:
        """The names of the calls, in their order, but for looking."""
        names = [call[0] for call in self.recording.method_calls]
        return [name for name in names if not name.startswith("inspect")]


@pytest.fixture
def engine() -> RecordingEngine:
    return RecordingEngine()


def quiet(line: str) -> None:
    """A log that nobody reads."""
