"""Amounts of memory and storage."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from components.settings.problems import Problem

_MEBIBYTES = {"Mi": 1, "Gi": 1024, "Ti": 1024**2}


@dataclass(frozen=True, kw_only=True)
class Floor:
    """The least memory or storage of a kind of part, in MiB, and what needs that much."""

    mebibytes: int
    reason: str


class Whole(str):
    """A whole quantity, whose `repr` is what the user wrote: errors show that."""

    written: str

    def __repr__(self) -> str:
        return repr(self.written)


def mebibytes(quantity: str) -> int:
    """`512Mi`, `2Gi` or `1Ti` as a number of MiB."""
    number, unit = int(quantity[:-2]), quantity[-2:]
    return number * _MEBIBYTES[unit]


def whole(quantity: str) -> str:
    """A quantity with a decimal point as the same amount without one: `1.5Gi` is `1536Mi`.

    Everything that reads a quantity then finds a whole number, and two spellings of one amount
    render the same. What is less than a MiB is dropped. Raises ValueError if nothing is left.
    """
    if "." not in quantity:
        return quantity
    amount = int(Decimal(quantity[:-2]) * _MEBIBYTES[quantity[-2:]])
    if not amount:
        raise ValueError("at least `1Mi`")
    unit = next(unit for unit in ("Ti", "Gi", "Mi") if amount % _MEBIBYTES[unit] == 0)
    result = Whole(f"{amount // _MEBIBYTES[unit]}{unit}")
    result.written = quantity
    return result


def floor_rules(path: str, amount: str, floor: Floor) -> Iterator[Problem]:
    """An amount must be large enough for the part to start."""
    if mebibytes(amount) < floor.mebibytes:
        yield Problem(
            path=path,
            found=repr(amount),
            allowed=f"at least {floor.mebibytes}Mi: {floor.reason}",
        )
