"""Sizes and ages as people read them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from operations import units


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1.0 kB"),
        (33 * 1024**2, "33 MB"),
        (1536 * 1024**2, "1.5 GB"),
        (2048 * 1024**4, "2048 TB"),
    ],
)
def test_a_size_has_two_digits_or_more(number: int, text: str) -> None:
    assert units.size(number) == text


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(0), "0 s"),
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=2, minutes=3, seconds=4), "2 h 3 min"),
        (timedelta(days=9, minutes=3), "9 d"),
    ],
)
def test_an_age_has_its_two_largest_units(span: timedelta, text: str) -> None:
    assert units.age(span) == text


def test_a_time_is_shown_in_utc() -> None:
    paris = datetime(2026, 11, 24, 22, tzinfo=timezone(timedelta(hours=1)))
    assert units.utc(paris) == units.utc(datetime(2026, 11, 24, 21, tzinfo=UTC))
    assert units.utc(paris) == "2026-11-24 21:00:00 UTC"
