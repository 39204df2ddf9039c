"""Amounts of memory."""

from collections.abc import Iterator

from components.settings.problems import Problem

# The smallest memory limit that Docker accepts, in MiB.
LEAST_MEMORY = 6


def mebibytes(quantity: str) -> int:
    """`512Mi`, `2Gi` or `1Ti` as a number of MiB."""
    number, unit = int(quantity[:-2]), quantity[-2:]
    return number * {"Mi": 1, "Gi": 1024, "Ti": 1024**2}[unit]


def memory_rules(path: str, limit: str) -> Iterator[Problem]:
    """A memory limit must be large enough for both targets."""
    if mebibytes(limit) < LEAST_MEMORY:
        yield Problem(path=path, found=repr(limit), allowed=f"at least {LEAST_MEMORY}Mi")
