"""The shapes of names, labels and keys that the Kubernetes API accepts."""

import pytest

from components.settings.addresses import Host
from components.settings.kubernetes_names import Label, LabelKey, Name, Namespace
from tests.unit.components.settings.shapes import accepts


@pytest.mark.parametrize(
    ("key", "right"),
    [
        ("name", True),
        ("Name_1.a-b", True),
        ("example.com/name", True),
        ("a" * 63, True),
        (f"{'a' * 253}/name", True),
        ("a" * 64, False),
        (f"{'a' * 254}/name", False),
        ("/name", False),
        ("example.com/", False),
        ("Example.com/name", False),
        ("a/b/c", False),
        ("-name", False),
        ("name-", False),
        ("na me", False),
        ("", False),
    ],
)
def test_a_label_has_a_qualified_key(key: str, right: bool) -> None:
    assert accepts(LabelKey, key) is right


@pytest.mark.parametrize(
    ("value", "right"),
    [
        ("", True),
        ("a" * 63, True),
        ("A_b.c-1", True),
        ("a" * 64, False),
        ("-a", False),
        ("a b", False),
    ],
)
def test_a_label_has_a_short_value(value: str, right: bool) -> None:
    assert accepts(Label, value) is right


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("a", True),
        ("a.b-c.d1", True),
        ("a" * 253, True),
        ("a" * 254, False),
        ("a..b", False),
        ("a.-b", False),
        ("A", False),
        ("a\n", False),
    ],
)
def test_an_object_is_named_like_a_host(name: str, right: bool) -> None:
    assert accepts(Name, name) is right
    assert accepts(Host, name) is right


def test_an_address_is_a_valid_name_but_not_a_host() -> None:
    assert accepts(Name, "10.0.0.1")
    assert not accepts(Host, "10.0.0.1")


@pytest.mark.parametrize(
    ("name", "right"), [("a-1", True), ("a" * 63, True), ("a" * 64, False), ("a.b", False)]
)
def test_a_namespace_is_one_part_of_a_name(name: str, right: bool) -> None:
    assert accepts(Namespace, name) is right
