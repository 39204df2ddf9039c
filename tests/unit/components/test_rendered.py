"""Every resource of the repository's stacks, and of stacks with a user's own images, as recorded.

`make snapshots` records an intended change. Review the diff in git.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit import recorded
from tests.unit.cases import CASES

HINT = "\nIf the change is meant, record it: make snapshots"


@pytest.fixture(scope="module")
def now(request: pytest.FixtureRequest) -> dict[Path, str]:
    rendered = {name: request.getfixturevalue(name.replace("-", "_")) for name in CASES}
    return {path: text for name in CASES for path, text in recorded.parts(name, rendered).items()}


@pytest.mark.parametrize(
    "path",
    sorted(recorded.DIRECTORY.rglob("*.json")),
    ids=lambda path: path.relative_to(recorded.DIRECTORY).as_posix(),
)
def test_it_renders_as_recorded(now: dict[Path, str], path: Path) -> None:
    assert path in now, f"{path.name} belongs to no case.{HINT}"
    assert now[path].splitlines() == path.read_text().splitlines(), HINT


def test_every_case_is_recorded(now: dict[Path, str]) -> None:
    assert [path for path in now if not path.exists()] == [], HINT


def unmarked(value: Any, key: str = "") -> Iterator[str]:
    """The secrets of the mocks and of the cases' settings that are not marked as secret."""
    if isinstance(value, dict):
        for name, entry in value.items():
            yield from unmarked(entry, name)
    elif isinstance(value, list):
        for entry in value:
            yield from unmarked(entry, key)
    elif re.search("generated-|given-", str(value)) and not key.startswith("secret"):
        yield f"{key}: {value}"


@pytest.mark.parametrize("case", CASES)
def test_a_recorded_secret_is_marked_as_secret(case: str, request: pytest.FixtureRequest) -> None:
    resources = recorded.snapshot(request.getfixturevalue(case.replace("-", "_")))
    outputs = resources.pop("outputs")
    assert list(unmarked(resources)) == []
    assert {key for key, value in outputs.items() if list(unmarked(value))} <= set(
        outputs["secret outputs"]
    )


def test_differences_show_what_is_new_removed_or_changed() -> None:
    base = {"a": 1, "b": {"c": [1, 2]}, "d": [{"name": "x", "v": 1}, {"name": "y", "v": 2}]}
    inputs = {"a": 1, "b": {"c": [1]}, "d": [{"name": "x", "v": 3}], "e": 5}
    assert recorded.differences(base, inputs) == {
        "b.c": [1],
        "d[x].v": 3,
        "d[y]": "(absent)",
        "e": 5,
    }
