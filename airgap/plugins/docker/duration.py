"""Durations between Go's text form, which programs and the state use, and nanoseconds."""

from __future__ import annotations

import re

UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "ms": 1_000_000,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}


def nanoseconds(text: str) -> int:
    """`1m30s` is 90 billion."""
    return round(
        sum(float(n) * UNITS[u] for n, u in re.findall(r"([0-9.]+)(ns|us|µs|ms|s|m|h)", text))
    )


def text(value: int) -> str:
    """Go's own spelling: `1m30s`, `1h0m0s`, `500ms`, `0s`."""
    if value < UNITS["s"]:
        unit = "ms" if value >= UNITS["ms"] else "us" if value >= UNITS["us"] else "ns"
        return f"{value / UNITS[unit]:g}{unit}" if value else "0s"
    minutes, rest = divmod(value, UNITS["m"])
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest / UNITS['s']:.9f}".rstrip("0").rstrip(".") + "s"
    if hours:
        return f"{hours}h{minutes}m{seconds}"
    return f"{minutes}m{seconds}" if minutes else seconds
