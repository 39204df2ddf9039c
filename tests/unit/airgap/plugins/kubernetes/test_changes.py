from __future__ import annotations

from typing import Any

import pytest

from airgap.plugins.kubernetes.changes import check, diff
from airgap.plugins.kubernetes.cluster import Cluster
from airgap.plugins.kubernetes.differences import parse, written
from airgap.plugins.resource import Failed
from airgap.plugins.values import UNKNOWN, Secret
from tests.unit.airgap.plugins.conftest import urn
from tests.unit.airgap.plugins.kubernetes.conftest import config_map

CONFIG_MAP = urn("kubernetes:core/v1:ConfigMap")


def state(inputs: dict[str, Any], **live: Any) -> dict[str, Any]:
    return {**inputs, **live, "__inputs": inputs}


def test_check_names_what_has_no_name_and_puts_it_into_the_default_namespace(
    no_cluster: Cluster, cluster: Cluster
) -> None:
    news = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "1"}}
    metadata = check(cluster, CONFIG_MAP, {}, news, b"seed")["metadata"]
    assert metadata["name"].startswith("name-")
    assert metadata["namespace"] == "default"
    # where no context says so, the API server's own default stands
    assert "namespace" not in check(no_cluster, CONFIG_MAP, {}, news, b"")["metadata"]


def test_check_puts_nothing_into_a_namespace_that_lives_in_none(cluster: Cluster) -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}
    token = urn("ai:data:Tier$kubernetes:core/v1:Namespace")
    assert check(cluster, token, {}, namespace, b"") == namespace


def test_check_keeps_secrets_and_unknowns(cluster: Cluster) -> None:
    news = config_map(a="1") | {"data": {"a": Secret("1"), "b": UNKNOWN}}
    assert check(cluster, CONFIG_MAP, {}, news, b"")["data"] == {"a": Secret("1"), "b": UNKNOWN}


def test_check_refuses_names_that_the_server_makes(cluster: Cluster) -> None:
    news = config_map() | {"metadata": {"generateName": "x-"}}
    with pytest.raises(Failed, match="generateName"):
        check(cluster, CONFIG_MAP, {"metadata": {"name": "x"}}, news, b"")


def test_what_the_server_added_is_no_change(no_cluster: Cluster) -> None:
    inputs = config_map(a="1")
    live = inputs["metadata"] | {"uid": "u", "labels": {"added": "1"}}
    assert diff(no_cluster, state(inputs, metadata=live), inputs, []).changes == []


def test_what_others_changed_is_a_change(no_cluster: Cluster) -> None:
    inputs = config_map(a="1")
    found = diff(no_cluster, state(inputs, data={"a": "by hand"}), inputs, [])
    assert [(written(change.path), change.kind) for change in found.changes] == [
        ("data.a", "UPDATE")
    ]


def test_no_namespace_and_the_default_one_are_the_same(no_cluster: Cluster) -> None:
    inputs = config_map(a="1")
    inputs["metadata"] = {"name": "cm"}
    live = {"name": "cm", "namespace": "default"}
    assert diff(no_cluster, state(inputs, metadata=live), inputs, []).changes == []


def test_a_replaced_object_goes_first_when_its_name_stays(no_cluster: Cluster) -> None:
    old, new = config_map(a="1"), config_map(a="2")
    assert diff(no_cluster, state(old), new, []).delete_first
    renamed = config_map(a="2") | {"metadata": {"name": "other", "namespace": "ns"}}
    assert not diff(no_cluster, state(old), renamed, []).delete_first
    made = {"name": "cm", "namespace": "ns", "annotations": {"pulumi.com/autonamed": "true"}}
    autonamed = config_map(a="2") | {"metadata": made}
    found = diff(no_cluster, state(config_map(a="1") | {"metadata": made}), autonamed, [])
    assert [written(change.path) for change in found.replaces] == ["data.a"]
    assert not found.delete_first


def test_a_name_that_is_not_known_yet_replaces(no_cluster: Cluster) -> None:
    new = config_map(a="1") | {"metadata": {"name": UNKNOWN, "namespace": "ns"}}
    found = diff(no_cluster, state(config_map(a="1")), new, [])
    assert [written(change.path) for change in found.replaces] == ["metadata.name"]
    assert not found.delete_first
    assert diff(no_cluster, state(config_map(a="1")), new | {"metadata": UNKNOWN}, []).changes


def test_an_ignored_change_is_none(no_cluster: Cluster) -> None:
    old, new = config_map(a="1", b="1"), config_map(a="2", b="2")
    found = diff(no_cluster, state(old), new, [parse("data.a")])
    assert [written(change.path) for change in found.changes] == ["data.b"]
    assert diff(no_cluster, state(old), new, [parse("data")]).changes == []
