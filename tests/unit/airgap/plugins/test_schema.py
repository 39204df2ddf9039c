from __future__ import annotations

from airgap.plugins.schema import Field, Kind, Table, plan, preview
from airgap.plugins.values import UNKNOWN

PART = (Field(name="key"), Field(name="weight", kind=Kind.NUMBER, empty=0))
TABLE = Table(
    token="test:index/thing:Thing",
    delete_first=True,
    meta="m",
    fields=(
        Field(name="name", required=True),
        Field(name="chosen", computed=True, empty=""),
        Field(name="size", kind=Kind.NUMBER, empty=0),
        Field(name="parts", kind=Kind.OBJECTS, empty=[], fields=PART),
        Field(name="one", kind=Kind.OBJECT, fields=PART),
    ),
    outputs={"id": "", "address": None},
)


def test_a_plan_fills_every_output_and_every_property_of_an_object() -> None:
    inputs = {"__defaults": [], "name": "n", "parts": [{"__defaults": [], "key": "k"}]}
    assert plan(TABLE, inputs) == {
        "__meta": "m",
        "id": "",
        "address": None,
        "name": "n",
        "chosen": "",
        "size": 0,
        "parts": [{"key": "k", "weight": 0}],
        "one": None,
    }


def test_a_plan_of_an_update_keeps_what_the_engine_chose_and_resets_what_is_left_out() -> None:
    olds = {"__meta": "m", "id": "i", "address": "a", "name": "n", "chosen": "c", "size": 5}
    planned = plan(TABLE, {"name": "n", "one": {"weight": 2}}, olds)
    assert planned == {
        **olds,
        "size": 0,
        "parts": [],
        "one": {"key": None, "weight": 2},
    }


def test_a_preview_knows_what_the_inputs_say_and_nothing_that_the_engine_decides() -> None:
    previewed = preview(TABLE, {"name": "n"})
    unknown = {name for name, value in previewed.items() if value is UNKNOWN}
    assert unknown == {"id", "address", "chosen"}
    assert preview(TABLE, {"name": "n", "chosen": "mine"})["chosen"] == "mine"
