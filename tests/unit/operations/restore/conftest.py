"""Waits take no time in these tests."""

import pytest

from operations.restore import recovering, replace, rest


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (recovering, replace, rest):
        monkeypatch.setattr(module, "PERIOD", 0)
    monkeypatch.setattr(rest, "BY_ITSELF", 0)
