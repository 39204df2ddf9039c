from __future__ import annotations

from typing import Any

import pytest

from airgap.plugins.checks import Failure, check, without_defaults
from airgap.plugins.schema import Field, Kind, Table
from airgap.plugins.values import UNKNOWN, Secret

PART = (Field(name="key", required=True), Field(name="mode", default="rw"))
TABLE = Table(
    token="test:index/thing:Thing",
    delete_first=True,
    fields=(
        Field(name="name", required=True, pattern="[a-z]+"),
        Field(name="size", kind=Kind.NUMBER, default=7),
        Field(name="parts", kind=Kind.OBJECTS, fields=PART),
        Field(name="later", implemented=False),
    ),
    outputs={},
)
REFUSAL = "this stand-in does not implement the property"


def test_defaults_are_filled_in_and_listed_in_each_object() -> None:
    assert check(TABLE, {"name": "n", "parts": [{"key": "k"}]}) == (
        {
            "__defaults": ["size"],
            "name": "n",
            "size": 7,
            "parts": [{"__defaults": ["mode"], "key": "k", "mode": "rw"}],
        },
        [],
    )


def test_null_is_left_out() -> None:
    assert check(TABLE, {"name": "n", "size": None})[0] == {
        "__defaults": ["size"],
        "name": "n",
        "size": 7,
    }


@pytest.mark.parametrize(
    ("news", "failure"),
    [
        ({"name": "n", "later": 1}, Failure("later", REFUSAL)),
        ({"name": "n", "typo": 1}, Failure("typo", REFUSAL)),
        ({"name": "n", "parts": [{"key": "k", "typo": 1}]}, Failure("parts[0].typo", REFUSAL)),
        ({}, Failure("name", "the property is required")),
        ({"name": "n", "parts": [{}]}, Failure("parts[0].key", "the property is required")),
        ({"name": "N"}, Failure("name", "expected a text that matches [a-z]+")),
        ({"name": 1}, Failure("name", "expected text, found int")),
        ({"name": "n", "size": True}, Failure("size", "expected number, found bool")),
        ({"name": "n", "parts": ["k"]}, Failure("parts[0]", "expected object, found str")),
    ],
)
def test_what_is_wrong_is_refused_with_its_path(news: dict[str, Any], failure: Failure) -> None:
    assert check(TABLE, news)[1] == [failure]


def test_a_refusal_never_repeats_a_value() -> None:
    failures = check(TABLE, {"name": Secret("HUNTER2"), "size": Secret("HUNTER2")})[1]
    assert [failure.path for failure in failures] == ["name", "size"]
    assert "HUNTER2" not in str(failures)


def test_secrets_stay_marked_and_unknowns_unknown() -> None:
    inputs, failures = check(
        TABLE,
        {"name": UNKNOWN, "size": Secret(3), "parts": [Secret({"key": Secret("k")}), UNKNOWN]},
    )
    assert failures == []
    assert inputs == {
        "__defaults": [],
        "name": UNKNOWN,
        "size": Secret(3),
        "parts": [Secret({"__defaults": ["mode"], "key": Secret("k"), "mode": "rw"}), UNKNOWN],
    }


def test_lists_of_defaults_can_be_removed_at_every_depth() -> None:
    inputs = {"__defaults": [], "a": [Secret({"__defaults": ["b"], "b": 1})]}
    assert without_defaults(inputs) == {"a": [Secret({"b": 1})]}
