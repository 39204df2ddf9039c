from __future__ import annotations

from airgap.plugins.kubernetes.objects import (
    annotated,
    checkpoint,
    identity,
    parse_checkpoint,
    pruned,
    with_metadata,
)
from airgap.plugins.values import UNKNOWN, Secret


def test_an_id_is_the_namespace_and_the_name() -> None:
    assert identity({"metadata": {"namespace": "ns", "name": "n"}}) == "ns/n"
    assert identity({"metadata": {"name": "n"}}) == "n"


def test_lists_are_matched_place_by_place() -> None:
    live = {"ports": [{"port": 1, "protocol": "TCP"}, {"port": 2}], "more": 1}
    assert pruned(live, {"ports": [{"port": 9}]}) == {"ports": [{"port": 1}]}
    assert pruned([{"a": 1}], ["text"]) == [{"a": 1}]


def test_secret_marks_go_as_deep_as_the_inputs_have_them() -> None:
    inputs = {"spec": {"token": Secret("x"), "list": ["a", Secret("b")], "plain": 1}}
    live = {"spec": {"token": "x", "list": ["a", "b"], "plain": 1}, "status": {}}
    assert annotated(live, inputs) == {
        "spec": {"token": Secret("x"), "list": Secret(["a", "b"]), "plain": 1},
        "status": {},
    }


def test_a_secrets_data_is_secret_whatever_the_inputs_say() -> None:
    secret = {"kind": "Secret", "data": {"a": "MQ=="}, "type": "Opaque"}
    assert annotated(secret, {})["data"] == Secret({"a": "MQ=="})


def test_a_state_holds_the_live_object_and_what_made_it() -> None:
    inputs = {"apiVersion": "v1", "kind": "Secret", "data": {"a": "MQ=="}}
    live = inputs | {"metadata": {"uid": "u"}}
    state = checkpoint(inputs, live, {}, "manager")
    assert state["__fieldManager"] == "manager"
    assert state["__initialApiVersion"] == "v1"
    assert state["data"] == state["__inputs"]["data"] == Secret({"a": "MQ=="})


def test_a_state_falls_apart_into_inputs_and_live_object() -> None:
    state = {"kind": "K", "__inputs": {"a": 1}, "__fieldManager": "m"}
    assert parse_checkpoint(state) == ({"a": 1}, {"kind": "K"})


def test_metadata_that_is_not_known_yet_stays_unknown() -> None:
    assert with_metadata({"metadata": UNKNOWN}, namespace="ns") == {"metadata": UNKNOWN}
