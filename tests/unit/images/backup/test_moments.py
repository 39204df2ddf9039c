"""Moments as people write and read them."""

import pytest

from backup import moments
from backup.errors import BackupError


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24 21:00:00",
        "2026-11-24T21:00:00Z",
        "2026-11-24T23:00:00+02:00",
        " 2026-11-24T21:00 ",
    ],
)
def test_a_time_is_utc_unless_it_names_its_zone(text: str) -> None:
    assert moments.text(moments.parsed(text)) == "2026-11-24T21:00:00Z"


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "21:00"])
def test_another_text_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BackupError, match="write UTC in ISO 8601, such as 2026-11-24 21:00:00"):
        moments.parsed(text)
