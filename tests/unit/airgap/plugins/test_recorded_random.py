"""The random stand-in answers as the official plugin 4.21.1 was recorded to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from airgap.plugins.values import SECRET, SIGNATURE

CALLS = json.loads((Path(__file__).parent / "recorded/random-calls.json").read_text())


@pytest.mark.parametrize("resource", CALLS)
def test_check_answers_as_recorded(random_plugin: Any, resource: str) -> None:
    call = CALLS[resource]["Check"]
    assert random_plugin("Check", call["request"]) == call["response"]


@pytest.mark.parametrize("resource", [name for name in CALLS if "Diff" in CALLS[name]])
def test_diff_answers_as_recorded(random_plugin: Any, resource: str) -> None:
    call = CALLS[resource]["Diff"]
    assert random_plugin("Diff", call["request"]) == call["response"]


@pytest.mark.parametrize("resource", CALLS)
def test_create_answers_in_the_recorded_shape(random_plugin: Any, resource: str) -> None:
    call = CALLS[resource]["Create"]
    answer = random_plugin("Create", call["request"])
    made, expected = answer["properties"], call["response"]["properties"]
    assert made.keys() == expected.keys()
    chosen = {"id", "result", "bcryptHash", "b64Std", "b64Url", "dec", "hex"}
    assert {name: made[name] for name in made.keys() - chosen} == {
        name: expected[name] for name in expected.keys() - chosen
    }
    assert {name for name, value in made.items() if is_secret(value)} == {
        name for name, value in expected.items() if is_secret(value)
    }
    assert answer["id"] == made["id"]


@pytest.mark.parametrize("resource", CALLS)
def test_delete_has_nothing_to_do(random_plugin: Any, resource: str) -> None:
    call = CALLS[resource]["Delete"]
    assert random_plugin("Delete", call["request"]) == call["response"]


def is_secret(value: Any) -> bool:
    return isinstance(value, dict) and value.get(SIGNATURE) == SECRET
