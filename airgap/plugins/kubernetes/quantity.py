"""Quantities as the API server writes them back: 1024Mi is 1Gi, and 0.5 is 500m."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

QUANTITY: Final = re.compile(
    r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+))(?P<suffix>[numkMGTPE]?|[KMGTPE]i|[eE][+-]?\d+)"
)
DECIMAL: Final = {
    "n": -9,
    "u": -6,
    "m": -3,
    "": 0,
    "k": 3,
    "M": 6,
    "G": 9,
    "T": 12,
    "P": 15,
    "E": 18,
}
BINARY: Final = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
SMALLEST: Final = -9


def canonical(text: str) -> str:
    """The largest suffix that leaves no fraction; what is no quantity comes back as it is."""
    found = QUANTITY.fullmatch(text)
    if not found:
        return text
    number, suffix = Decimal(found["number"]), found["suffix"]
    if suffix in BINARY:
        value = number * 1024 ** BINARY[suffix]
        return _binary(int(value)) if value == value.to_integral_value() else _decimal(value)
    if suffix in DECIMAL:
        return _decimal(number.scaleb(DECIMAL[suffix]))
    return _exponent(number.scaleb(int(suffix[1:])))


def _binary(value: int) -> str:
    if abs(value) < 1024:
        return str(value)
    best = ""
    for suffix, power in BINARY.items():
        if value % 1024**power:
            break
        best = f"{value // 1024**power}{suffix}"
    return best or str(value)


def _decimal(value: Decimal) -> str:
    if not value:
        return "0"
    for suffix, power in sorted(DECIMAL.items(), key=lambda item: -item[1]):
        scaled = value.scaleb(-power)
        if scaled == scaled.to_integral_value():
            return f"{int(scaled)}{suffix}"
    # finer than a nano: rounded up, as the server does
    return f"{int(value.scaleb(-SMALLEST).to_integral_value('ROUND_UP'))}n"


def _exponent(value: Decimal) -> str:
    if not value:
        return "0"
    power = max(p for p in range(SMALLEST, 19, 3) if value.scaleb(-p) % 1 == 0)
    number = int(value.scaleb(-power))
    return f"{number}e{power}" if power else str(number)
