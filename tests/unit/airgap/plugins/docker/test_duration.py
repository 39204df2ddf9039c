from __future__ import annotations

import pytest

from airgap.plugins.docker import duration

CASES = [
    ("0s", 0),
    ("1ns", 1),
    ("1.5us", 1_500),
    ("500ms", 500_000_000),
    ("2s", 2_000_000_000),
    ("1.25s", 1_250_000_000),
    ("1m0s", 60_000_000_000),
    ("1m30s", 90_000_000_000),
    ("1h0m0s", 3_600_000_000_000),
    ("25h0m0.5s", 90_000_500_000_000),
]


@pytest.mark.parametrize(("text", "nanoseconds"), CASES)
def test_a_duration_has_one_canonical_text(text: str, nanoseconds: int) -> None:
    assert duration.text(nanoseconds) == text
    assert duration.nanoseconds(text) == nanoseconds


def test_other_spellings_are_read() -> None:
    assert duration.nanoseconds("2000ms") == duration.nanoseconds("2s")
    assert duration.nanoseconds("90s") == duration.nanoseconds("1m30s")
