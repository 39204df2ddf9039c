"""Sizes, ages and times as people read them on a terminal."""

from datetime import UTC, datetime, timedelta

_SIZES = ("bytes", "kB", "MB", "GB", "TB")


def size(number: int) -> str:
    """A number of bytes, in the units of PostgreSQL's own answers."""
    value, unit = float(number), 0
    while value >= 1024 and unit < len(_SIZES) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.1f} {_SIZES[unit]}" if unit and value < 10 else f"{value:.0f} {_SIZES[unit]}"


def age(span: timedelta) -> str:
    """A span in its two largest units, such as `1 d 19 h`."""
    seconds = max(0, int(span.total_seconds()))
    units = (
        (seconds // 86400, "d"),
        (seconds // 3600 % 24, "h"),
        (seconds // 60 % 60, "min"),
        (seconds % 60, "s"),
    )
    largest = next((index for index, (number, _) in enumerate(units) if number), 3)
    words = [f"{number} {unit}" for number, unit in units[largest : largest + 2] if number]
    return " ".join(words) or "0 s"


def utc(time: datetime) -> str:
    """A time such as `2026-11-24 21:00:00 UTC`."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
