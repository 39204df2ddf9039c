from __future__ import annotations

from airgap.plugins.values import (
    SECRET,
    SIGNATURE,
    UNKNOWN,
    UNKNOWN_TEXT,
    Secret,
    from_struct,
    has_secret,
    has_unknown,
    mark_secrets,
    reveal,
    to_struct,
)


def test_values_come_back_as_they_went() -> None:
    properties = {
        "text": "a",
        "whole": 3,
        "part": 0.5,
        "yes": True,
        "no": False,
        "nothing": None,
        "list": [1, "b", [False]],
        "object": {"deep": {"er": 1}},
        "secret": Secret({"password": "p"}),
        "unknown": UNKNOWN,
        "both": [Secret(UNKNOWN)],
    }
    assert from_struct(to_struct(properties)) == properties


def test_the_protocol_sees_secrets_and_unknowns_in_its_own_form() -> None:
    struct = to_struct({"secret": Secret("p"), "unknown": UNKNOWN})
    secret = struct.fields["secret"].struct_value.fields
    assert secret[SIGNATURE].string_value == SECRET
    assert secret["value"].string_value == "p"
    assert struct.fields["unknown"].string_value == UNKNOWN_TEXT


def test_a_secret_never_prints() -> None:
    assert "hunter2" not in repr({"password": Secret("hunter2")})


def test_revealing_removes_marks_at_every_depth() -> None:
    assert reveal({"a": [Secret({"b": Secret("c")})]}) == {"a": [{"b": "c"}]}


def test_secrets_and_unknowns_are_found_at_every_depth() -> None:
    assert has_secret({"a": [{"b": Secret("c")}]})
    assert has_unknown({"a": [{"b": Secret([UNKNOWN])}]})
    assert not has_secret({"a": [UNKNOWN]})
    assert not has_unknown({"a": Secret("b")})


def test_an_output_is_secret_when_any_source_holds_a_secret_under_its_name() -> None:
    outputs = {"uploads": [{"content": "p"}], "name": "n", "other": 1}
    marked = mark_secrets(outputs, {"uploads": [{"content": Secret("p")}]}, {"other": Secret(1)})
    assert marked == {"uploads": Secret([{"content": "p"}]), "name": "n", "other": Secret(1)}
