from __future__ import annotations

from typing import Any

import pytest

from airgap.plugins.kubernetes.api import ApiError
from airgap.plugins.kubernetes.operations import Objects
from tests.unit.airgap.plugins.kubernetes.conftest import (
    CONFIG_MAP,
    FakeApi,
    config_map,
    missing,
    quiet,
    refusal,
)

LIST = "/api/v1/namespaces/ns/configmaps"


def query(api: FakeApi, method: str) -> dict[str, str]:
    return next(query for asked, _, query, _ in api.asked if asked == method)


def annotated(name: str, value: str) -> dict[str, Any]:
    made = config_map(a="1")
    made["metadata"]["annotations"] = {f"pulumi.com/{name}": value}
    return made


def test_a_creation_is_strict_and_under_the_plugins_name(objects: Objects, api: FakeApi) -> None:
    objects.create(config_map(a="1"), quiet, preview=False)
    strict = {"fieldManager": "pulumi-kubernetes", "fieldValidation": "Strict"}
    assert query(api, "POST") == strict
    assert api.live[CONFIG_MAP]["data"] == {"a": "1"}


def test_a_preview_changes_nothing(objects: Objects, api: FakeApi) -> None:
    made = objects.create(config_map(a="1"), quiet, preview=True)
    assert made["metadata"]["uid"]
    assert query(api, "POST")["dryRun"] == "All"
    assert api.live == {}


def test_a_creation_waits_for_its_namespace(
    objects: Objects, api: FakeApi, pauses: list[float]
) -> None:
    api.refusals[("POST", LIST)] = [missing("namespaces"), missing("namespaces")]
    lines: list[str] = []
    objects.create(config_map(a="1"), lines.append, preview=False)
    assert pauses == [1, 2]
    assert lines[0] == "Retry #0; creation failed: namespaces not found"


def test_a_creation_does_not_wait_for_ever(objects: Objects, pauses: list[float]) -> None:
    custom = config_map() | {"apiVersion": "example.com/v1", "kind": "Thing"}
    with pytest.raises(Exception, match='no matches for kind "Thing"'):
        objects.create(custom, quiet, preview=False)
    assert pauses == [1, 2, 4, 8, 16]


def test_what_is_there_already_is_an_error_that_helps(objects: Objects, api: FakeApi) -> None:
    api.live[CONFIG_MAP] = config_map()
    with pytest.raises(ApiError, match=r"already exists in the cluster\. Import it"):
        objects.create(config_map(), quiet, preview=False)


def test_the_first_update_takes_the_fields_over_before_it_applies(
    objects: Objects, api: FakeApi
) -> None:
    live = objects.create(config_map(a="1"), quiet, preview=False)
    api.asked.clear()
    applied = objects.apply(config_map(a="2"), live, "ours", preview=False)
    assert applied["data"] == {"a": "2"}
    take, apply = api.asked
    assert [change["path"] for change in take[3]] == [
        "/metadata/managedFields",
        "/metadata/resourceVersion",
    ]
    assert take[3][0]["value"][0]["manager"] == "ours"
    assert apply[2] == {"fieldManager": "ours", "force": "false", "fieldValidation": "Strict"}
    assert apply[3] == config_map(a="2")


def test_a_preview_of_the_first_update_forces_what_the_run_takes_over(
    objects: Objects, api: FakeApi
) -> None:
    live = objects.create(config_map(a="1"), quiet, preview=False)
    api.asked.clear()
    objects.apply(config_map(a="2"), live, "ours", preview=True)
    assert [(method, query.get("force")) for method, _, query, _ in api.asked] == [
        ("PATCH", "true")
    ]
    assert api.live[CONFIG_MAP]["data"] == {"a": "1"}


@pytest.mark.parametrize(("value", "force"), [("true", "true"), ("false", "false")])
def test_an_annotation_forces(objects: Objects, api: FakeApi, value: str, force: str) -> None:
    live = config_map() | {"metadata": {"name": "cm", "managedFields": [{"manager": "other"}]}}
    api.live[CONFIG_MAP] = live
    objects.apply(annotated("patchForce", value), live, "ours", preview=False)
    assert query(api, "PATCH")["force"] == force


def test_a_conflict_says_who_applied_and_where_help_is(objects: Objects, api: FakeApi) -> None:
    live = config_map() | {"metadata": {"name": "cm", "managedFields": [{"manager": "other"}]}}
    said = 'Apply failed with 1 conflict: conflict with "kubectl": .data.a'
    api.refusals[("PATCH", CONFIG_MAP)] = [refusal(409, "Conflict", said)]
    with pytest.raises(ApiError, match="server-side apply field conflict detected") as refused:
        objects.apply(config_map(a="2"), live, "ours", preview=False)
    assert f'field manager "ours" had an apply conflict: {said}' in str(refused.value)


def test_a_definition_of_a_custom_kind_is_put_as_a_whole(objects: Objects, api: FakeApi) -> None:
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.com"},
    }
    live = definition | {"metadata": {"name": "things.example.com", "resourceVersion": "7"}}
    put = objects.apply(definition, live, "ours", preview=False)
    assert put["metadata"]["resourceVersion"] == "7"
    assert [method for method, *_ in api.asked] == ["PUT"]


@pytest.mark.parametrize(
    ("value", "policy"), [("", "Foreground"), ("background", "Background"), ("orphan", "Orphan")]
)
def test_a_deletion_goes_to_what_depends_on_the_object_first_unless_annotated(
    objects: Objects, api: FakeApi, value: str, policy: str
) -> None:
    api.live[CONFIG_MAP] = config_map()
    assert objects.delete(config_map(), annotated("deletionPropagationPolicy", value))
    assert query(api, "DELETE") == {"propagationPolicy": policy}


def test_a_deletion_of_what_is_gone_with_its_kind_or_without_is_done(objects: Objects) -> None:
    custom = config_map() | {"apiVersion": "example.com/v1", "kind": "Thing"}
    assert not objects.delete(config_map(), {})
    assert not objects.delete(custom, {})
    assert objects.find(config_map()) is None
    assert objects.find(custom) is None


def test_what_the_server_refuses_to_show_is_not_gone(objects: Objects, api: FakeApi) -> None:
    api.refusals[("GET", CONFIG_MAP)] = [refusal(403, "Forbidden", "no")]
    with pytest.raises(ApiError, match=r"^no$"):
        objects.find(config_map())


def test_a_former_manager_gives_up_by_applying_nothing(objects: Objects, api: FakeApi) -> None:
    api.live[CONFIG_MAP] = config_map(a="1")
    objects.relinquish(config_map(a="1"), "before")
    assert query(api, "PATCH")["fieldManager"] == "before"
    assert api.asked[-1][3] == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "cm"},
    }
