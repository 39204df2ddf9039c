"""Every resource of the default stack, and of a stack with a user's own images, compared whole.

A change that is meant is recorded with `python -m tests.unit.recorded`; the difference that git
then shows is what to review.
"""

from pathlib import Path

import pytest

from tests.unit import recorded
from tests.unit.rendering import Rendered

HOW = "\nmeant? record it with: python -m tests.unit.recorded"


@pytest.fixture(scope="module")
def now(dev: Rendered, own: Rendered) -> dict[Path, str]:
    return recorded.parts("dev", dev) | recorded.parts("own", own)


@pytest.mark.parametrize(
    ("case", "part"),
    [(case, part) for case, (_, parts) in recorded.CASES.items() for part in parts],
)
def test_it_renders_as_recorded(now: dict[Path, str], case: str, part: str) -> None:
    path = recorded.DIRECTORY / case / f"{part}.json"
    assert path.exists(), f"{path} is not there{HOW}"
    assert now[path].splitlines() == path.read_text().splitlines(), HOW


def test_nothing_else_is_recorded(now: dict[Path, str]) -> None:
    assert set(recorded.DIRECTORY.rglob("*.json")) == set(now), HOW


def test_recorded_secrets_are_the_mocks_and_marked_as_secret(now: dict[Path, str]) -> None:
    for path, text in now.items():
        for line in text.splitlines():
            if "generated-" in line and path.stem != recorded.STACK:
                assert line.strip().startswith('"secret": '), line
