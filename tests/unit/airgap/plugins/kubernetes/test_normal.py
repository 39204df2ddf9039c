"""Inputs that mean the same become the same, so that no difference is found for ever."""

from __future__ import annotations

from typing import Any

from airgap.plugins.kubernetes.normal import live_like, normal
from airgap.plugins.values import UNKNOWN


def deployment(**container: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": "c", **container}]}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": spec}}}


def test_quantities_are_written_as_the_server_writes_them() -> None:
    given = deployment(resources={"limits": {"memory": "1024Mi", "cpu": 0.5}})
    assert normal(given) == deployment(resources={"limits": {"memory": "1Gi", "cpu": "500m"}})


def test_what_means_nothing_is_left_out() -> None:
    given = deployment(
        args=[],
        command=None,
        env=[{"name": "A", "value": ""}],
        volumeMounts=[{"name": "v", "mountPath": "/v", "readOnly": False}],
        livenessProbe={"initialDelaySeconds": 0, "periodSeconds": 10},
        resources={"limits": {}},
    )
    assert normal(given) == deployment(
        env=[{"name": "A"}],
        volumeMounts=[{"name": "v", "mountPath": "/v"}],
        livenessProbe={"periodSeconds": 10},
        resources={},
    )


def test_what_means_something_stays() -> None:
    given = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"labels": {"empty": ""}, "annotations": {"value": ""}},
        "spec": {
            "volumes": [{"name": "v", "emptyDir": {}}],
            "securityContext": {"runAsUser": 0, "runAsNonRoot": False},
            "automountServiceAccountToken": False,
        },
    }
    assert normal(given) == given


def test_a_secrets_texts_become_encoded_data() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "stringData": {"a": "1"}, "data": {"b": "Mg"}}
    assert normal(secret)["data"] == {"a": "MQ==", "b": "Mg"}
    secret["data"] = {"b": "M g==\n"}
    assert normal(secret) == {
        "apiVersion": "v1",
        "kind": "Secret",
        "data": {"a": "MQ==", "b": "Mg=="},
    }


def test_what_only_the_server_writes_is_left_out() -> None:
    thing = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "n", "uid": "u"}}
    assert normal(thing) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "n"},
    }


def test_inputs_that_are_not_all_known_and_custom_kinds_stay_as_they_are() -> None:
    unknown = deployment(args=[], image=UNKNOWN)
    assert normal(unknown) == unknown
    custom = {"apiVersion": "example.com/v1", "kind": "Thing", "spec": {"value": "", "list": []}}
    assert normal(custom) == custom


def test_a_live_object_is_seen_as_far_as_the_inputs_speak_of_it() -> None:
    live = {"metadata": {"name": "n", "uid": "u", "labels": {"a": "1", "b": "2"}}, "status": {}}
    inputs = {"metadata": {"name": "n", "labels": {"a": "0"}}}
    assert live_like(live, inputs) == {"metadata": {"name": "n", "labels": {"a": "1"}}}
