from __future__ import annotations

from typing import Any

import pytest

from airgap.plugins.differences import Change, diff
from airgap.plugins.schema import Field, Kind, Table
from airgap.plugins.values import UNKNOWN

PORT = (Field(name="internal", kind=Kind.NUMBER), Field(name="external", computed=True))
TABLE = Table(
    token="test:index/thing:Thing",
    delete_first=True,
    fields=(
        Field(name="text", replaces=True),
        Field(name="chosen", computed=True),
        Field(name="list", kind=Kind.LIST),
        Field(name="set", kind=Kind.SET),
        Field(name="one", kind=Kind.OBJECT, fields=PORT),
        Field(name="ports", kind=Kind.OBJECTS, fields=PORT),
    ),
    outputs={},
)
TWO_PORTS = [{"internal": 2, "external": 20}, {"internal": 1, "external": 10}]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"text": ""}, {}),
        ({"text": None}, {"text": ""}),
        ({"chosen": "by the engine"}, {}),
        ({"set": ["a", "b"]}, {"set": ["b", "a"]}),
        ({"ports": TWO_PORTS}, {"ports": [{"internal": 1}, {"internal": 2}]}),
        ({"one": {"internal": 0, "external": 5}}, {"one": {}}),
    ],
)
def test_these_are_no_change(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert diff(TABLE, old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ({"text": "a"}, {"text": "b"}, Change("text", "UPDATE", replaces=True)),
        ({"text": "a"}, {}, Change("text", "DELETE", replaces=True)),
        ({}, {"text": "a"}, Change("text", "ADD", replaces=True)),
        ({"chosen": "a"}, {"chosen": "b"}, Change("chosen", "UPDATE")),
        ({"chosen": "a"}, {"chosen": UNKNOWN}, Change("chosen", "UPDATE")),
        ({"list": ["a", "b"]}, {"list": ["b", "a"]}, Change("list", "UPDATE")),
        ({"ports": TWO_PORTS}, {"ports": TWO_PORTS[:1]}, Change("ports", "UPDATE")),
        ({"ports": TWO_PORTS}, {"ports": [{"internal": 1}, UNKNOWN]}, Change("ports", "UPDATE")),
        ({"one": {"internal": 1}}, {"one": {"internal": 2}}, Change("one", "UPDATE")),
    ],
)
def test_these_are_changes(old: dict[str, Any], new: dict[str, Any], change: Change) -> None:
    assert diff(TABLE, old, new) == [change]
