from __future__ import annotations

from typing import Any

from airgap.plugins.kubernetes.managed import created_by_plugin, taken_over, without_ignored


def entry(manager: str, operation: str = "Update", **more: Any) -> dict[str, Any]:
    return {"manager": manager, "operation": operation, **more}


def live(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"metadata": {"managedFields": list(entries)}, **more}


def test_the_first_update_takes_over_what_the_creation_wrote() -> None:
    fields: dict[str, Any] = {"f:data": {"f:a": {}}}
    status = entry("kubelet", subresource="status")
    made = live(entry("pulumi-kubernetes", fieldsV1=fields), status)
    assert created_by_plugin(made)
    assert taken_over(made, "ours") == [status, entry("ours", "Apply", fieldsV1=fields)]


def test_what_kubectl_wrote_joins_the_managers_own_fields() -> None:
    ours = entry("ours", "Apply", fieldsV1={"f:data": {"f:a": {}}})
    edited = entry("kubectl-edit", fieldsV1={"f:data": {"f:b": {}}, "f:type": {}})
    scaled = entry("kubectl", subresource="scale", fieldsV1={"f:spec": {}})
    joined: dict[str, Any] = {"f:data": {"f:a": {}, "f:b": {}}, "f:type": {}}
    assert taken_over(live(ours, edited, scaled), "ours") == [
        scaled,
        entry("ours", "Apply", fieldsV1=joined),
    ]


def test_nothing_is_taken_over_where_there_is_nothing() -> None:
    made = live(entry("ours", "Apply", fieldsV1={}), entry("controller"))
    assert taken_over(made, "ours") is None
    assert not created_by_plugin(made)


def test_an_ignored_field_is_the_live_one_or_left_to_others() -> None:
    inputs = {"spec": {"replicas": 1, "paused": True}}
    theirs = entry("autoscaler", fieldsV1={"f:spec": {"f:replicas": {}}})
    ours = entry("ours", "Apply", fieldsV1={"f:spec": {"f:paused": {}}})
    now = live(theirs, ours, spec={"replicas": 3, "paused": False})
    ignored = [("spec", "replicas"), ("spec", "paused"), ("spec", "absent")]
    sent = without_ignored(inputs, now, "ours", [*ignored])
    assert sent == {"spec": {"paused": False}}
    assert inputs == {"spec": {"replicas": 1, "paused": True}}
