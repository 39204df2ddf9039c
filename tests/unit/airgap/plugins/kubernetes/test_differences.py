from __future__ import annotations

import pytest

from airgap.plugins.kubernetes.differences import Change, differences, parse, within, written
from airgap.plugins.values import UNKNOWN


def test_a_change_is_told_at_the_outermost_place_where_one_side_has_nothing() -> None:
    old = {"a": {"b": 1, "gone": {"x": 1}}, "list": [{"n": 1}, {"n": 2}]}
    new = {"a": {"b": 2, "new": {"y": 1}}, "list": [{"n": 1, "m": 3}]}
    assert list(differences(old, new)) == [
        Change(("a", "b"), "UPDATE", 2),
        Change(("a", "gone"), "DELETE"),
        Change(("a", "new"), "ADD", {"y": 1}),
        Change(("list", 0, "m"), "ADD", 3),
        Change(("list", 1), "DELETE"),
    ]


def test_what_is_not_known_yet_is_a_change() -> None:
    assert list(differences({"a": "x"}, {"a": UNKNOWN})) == [Change(("a",), "UPDATE", UNKNOWN)]
    assert list(differences({}, {"a": UNKNOWN})) == [Change(("a",), "ADD", UNKNOWN)]


def test_numbers_of_either_kind_are_equal_and_a_number_is_no_text() -> None:
    assert list(differences(1, 1.0)) == []
    assert list(differences(1, "1")) == [Change((), "UPDATE", "1")]
    assert list(differences(1, True)) == [Change((), "UPDATE", True)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("spec", "ports", 0, "port"), "spec.ports[0].port"),
        (("metadata", "labels", "a.b/c"), 'metadata.labels["a.b/c"]'),
        (("data", 'q"x'), 'data["q\\"x"]'),
        (("data", "a b"), "data.a b"),
    ],
)
def test_a_path_is_written_and_read(path: tuple[str | int, ...], text: str) -> None:
    assert written(path) == text
    assert parse(written(path)) == path


def test_a_path_lies_within_itself_and_what_is_around_it() -> None:
    path = ("spec", "containers", 0, "image")
    assert within(path, ("spec",))
    assert within(path, path)
    assert within(path, parse("spec.containers[*].image"))
    assert not within(path, ("spec", "volumes"))
    assert not within(("spec",), path)
