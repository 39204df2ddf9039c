from __future__ import annotations

import re

from airgap.plugins.kubernetes.names import field_manager, named
from airgap.plugins.values import UNKNOWN

AUTONAMED = {"pulumi.com/autonamed": "true"}


def test_a_name_of_its_own_is_kept() -> None:
    inputs = {"metadata": {"name": "own"}}
    assert named(inputs, {}, "r", b"seed") == inputs
    assert named({"metadata": {"name": UNKNOWN}}, {}, "r", b"") == {"metadata": {"name": UNKNOWN}}


def test_what_has_no_name_gets_the_resources_and_a_hash() -> None:
    made = named({"metadata": {"annotations": {"a": "b"}}}, {}, "r", b"seed")["metadata"]
    assert re.fullmatch("r-[0-9a-f]{8}", made["name"])
    assert made["annotations"] == {"a": "b"} | AUTONAMED
    assert named({}, {}, "r", b"seed")["metadata"]["name"] == made["name"]
    assert named({}, {}, "r", b"other")["metadata"]["name"] != made["name"]
    assert re.fullmatch("r-[0-9a-f]{8}", named({}, {}, "r", b"")["metadata"]["name"])


def test_a_name_that_was_made_earlier_is_kept() -> None:
    olds = {"metadata": {"name": "r-12345678", "annotations": AUTONAMED}}
    assert named({}, olds, "r", b"seed") == olds


def test_a_field_manager_is_annotated_or_kept_or_new() -> None:
    annotated = {"metadata": {"annotations": {"pulumi.com/patchFieldManager": "mine"}}}
    assert field_manager(annotated, {"__fieldManager": "before"}) == "mine"
    assert field_manager({}, {"__fieldManager": "before"}) == "before"
    assert re.fullmatch("pulumi-kubernetes-[0-9a-f]{8}", field_manager({}, {}))
