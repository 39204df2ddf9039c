"""Every resource of the repository's stacks, and of stacks with a user's own images, as recorded.

A change that is meant is recorded with `python -m tests.unit.recorded`; the difference that git
then shows is what to review.
"""

import re
from pathlib import Path

import pytest

from tests.unit import recorded

HOW = "\nmeant? record it with: python -m tests.unit.recorded"


@pytest.fixture(scope="module")
def now(request: pytest.FixtureRequest) -> dict[Path, str]:
    found: dict[Path, str] = {}
    for case in recorded.CASES:
        found |= recorded.parts(case, request.getfixturevalue(case.replace("-", "_")))
    return found


@pytest.mark.parametrize(
    ("case", "part"),
    [(name, part) for name, case in recorded.CASES.items() for part in case.parts],
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
            # The outputs are recorded whole.
            if re.search("generated-|given-", line) and path.stem != recorded.STACK:
                assert re.match(r'\s*"secret(, in base64)?": ', line), line
