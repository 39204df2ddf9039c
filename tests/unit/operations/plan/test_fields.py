"""The differences between two values, by path, and never with a secret."""

from typing import Any

import pytest

from operations.plan.fields import differences
from operations.plan.resources import LATER, SECRET


def lines(before: Any, after: Any) -> list[str]:
    return list(differences(before, after))


def test_a_value_has_no_difference_from_itself() -> None:
    value = {"a": [1, {"name": "x", "b": {}}], "c": "d\ne"}
    assert lines(value, value) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 2}}, ["-a.b: 1", "+a.b: 2"]),
        ({"a": 1}, {}, ["-a: 1"]),
        ({}, {"a": "x"}, ["+a: x"]),
        ({"a": {"b": 1, "c": True}}, {}, ["-a.b: 1", "-a.c: true"]),
        ({"a": "1"}, {"a": 1}, ['-a: "1"', "+a: 1"]),
        ({"a": ""}, {"a": " b"}, ['-a: ""', '+a: " b"']),
        ({}, {"a": {}}, ["+a: {}"]),
        ({"a": []}, {}, ["-a: []"]),
        ({"a": {"b": 1}}, {"a": "b"}, ['-a: {"b": 1}', "+a: b"]),
        ({"x.yml": 1}, {"x.yml": 2}, ["-[x.yml]: 1", "+[x.yml]: 2"]),
        ({"a": LATER}, {"a": "x"}, [f"-a: {LATER}", "+a: x"]),
    ],
)
def test_a_line_begins_with_the_path_of_the_field(
    before: Any, after: Any, expected: list[str]
) -> None:
    assert lines(before, after) == expected


def test_a_list_of_texts_shows_added_and_removed_items() -> None:
    before, after = {"envs": ["A=1", "B=2", "C=3"]}, {"envs": ["A=1", "B=4", "C=3", "D=5"]}
    assert lines(before, after) == [" envs:", "-B=2", "+B=4", "+D=5"]


def test_entries_of_a_list_are_identified_by_name() -> None:
    before = {"containers": [{"name": "a", "image": "a:1"}, {"name": "b", "image": "b:1"}]}
    after = {"containers": [{"name": "b", "image": "b:2"}]}
    assert lines(before, after) == [
        "-containers[a].image: a:1",
        "-containers[a].name: a",
        "-containers[b].image: b:1",
        "+containers[b].image: b:2",
    ]


def test_entries_are_identified_by_another_field_where_names_repeat() -> None:
    before = {"mounts": [{"name": "f", "mountPath": "/a"}, {"name": "f", "mountPath": "/b"}]}
    after = {"mounts": [{"name": "g", "mountPath": "/a"}, {"name": "f", "mountPath": "/b"}]}
    assert lines(before, after) == ["-mounts[/a].name: f", "+mounts[/a].name: g"]


def test_entries_without_an_identifying_field_are_numbered() -> None:
    before, after = {"rules": [{"to": [1]}]}, {"rules": [{"to": [2]}, {"to": []}]}
    assert lines(before, after) == [" rules[0].to:", "-1", "+2", "+rules[1].to: []"]


def test_another_order_of_the_same_entries_is_a_difference() -> None:
    before = {"networks": [{"name": "a"}, {"name": "b"}]}
    after = {"networks": [{"name": "b"}, {"name": "a"}]}
    assert lines(before, after) == [
        "-networks, in this order: a, b",
        "+networks, in this order: b, a",
    ]


def test_a_file_shows_the_changed_lines_and_two_lines_of_context() -> None:
    before = {"data": {"rules.yml": "one\ntwo\nthree\nfour\nfive\nsix\n"}}
    after = {"data": {"rules.yml": "one\ntwo\nthree\nfour\nfive!\nsix\n"}}
    assert lines(before, after) == [
        " data[rules.yml]:",
        "@@ -3,4 +3,4 @@",
        " three",
        " four",
        "-five",
        "+five!",
        " six",
    ]


def test_a_new_file_is_shown_completely() -> None:
    assert lines({}, {"content": "a\nb\n"}) == [" content:", "@@ -0,0 +1,2 @@", "+a", "+b"]


def test_a_newline_at_the_end_is_a_difference() -> None:
    assert lines({"a": "x\ny"}, {"a": "x\ny\n"}) == [r'-a: "x\ny"', r'+a: "x\ny\n"']


def test_a_long_line_is_shown_completely_and_an_extremely_long_line_is_cut() -> None:
    before, after = (f"one\n{'x' * 400}{end}\n{'y' * 5000}{end}\n" for end in "AB")
    result = lines({"a": before}, {"a": after})
    assert [line[-1] for line in result[3:]] == ["A", "…", "B", "…"]
    assert max(map(len, result)) < 1100


def test_a_long_text_is_cut_around_its_difference() -> None:
    before, after = "x" * 1000 + "A" + "y" * 1000, "x" * 1000 + "B" + "y" * 1000
    result = lines({"a": before}, {"a": after})
    assert [len(line) < 200 for line in result] == [True, True]
    assert "A" in result[0]
    assert "B" in result[1]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a": "swordfish"}, {"a": SECRET}),
        ({"a": SECRET}, {"a": "swordfish"}),
        ({"a": {"b": "swordfish"}}, {"a": SECRET}),
        ({"a": ["swordfish", "b"]}, {"a": [SECRET, "b"]}),
        ({"a": SECRET}, {"a": ["swordfish", "b"]}),
    ],
)
def test_a_value_that_is_secret_on_one_side_is_shown_on_neither_side(
    before: Any, after: Any
) -> None:
    text = "\n".join(lines(before, after))
    assert SECRET in text
    assert "[not secret]" in text
    assert "swordfish" not in text
