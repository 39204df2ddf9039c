from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from airgap.plugins.kubernetes.api import Api, Unreachable
from airgap.plugins.kubernetes.cluster import Cluster, NoSuchKind
from airgap.plugins.kubernetes.kinds import Kind
from airgap.plugins.kubernetes.settings import Settings
from airgap.plugins.resource import Failed
from tests.unit.airgap.plugins.kubernetes.conftest import KUBECONFIG, FakeApi

CUSTOM = Kind(group="example.com", version="v1", kind="Thing")


def test_without_a_kubeconfig_nothing_can_be_asked_and_it_says_why(no_cluster: Cluster) -> None:
    said = "configured Kubernetes cluster is unreachable: no kubeconfig was found: KUBECONFIG names"
    with pytest.raises(Failed, match=said):
        _ = no_cluster.api
    assert not no_cluster.serves(Kind.of_token("kubernetes:core/v1:ConfigMap"))


def test_a_server_that_does_not_answer_is_named(kubeconfig: Path) -> None:
    def refuse(config: dict[str, Any]) -> Api:
        raise Unreachable("Connection refused")

    cluster = Cluster(Settings(), refuse)
    assert cluster.unreachable == "https://127.0.0.1:1 does not answer: Connection refused"
    assert cluster.default_namespace == "default"


def test_a_surprise_while_connecting_is_a_sentence(kubeconfig: Path) -> None:
    def stumble(config: dict[str, Any]) -> Api:
        raise RuntimeError("what?")

    assert Cluster(Settings(), stumble).unreachable == "https://127.0.0.1:1: what?"


def test_a_cluster_is_looked_for_once_and_only_when_it_is_needed(
    kubeconfig: Path, api: FakeApi
) -> None:
    looks: list[dict[str, Any]] = []

    def connect(config: dict[str, Any]) -> Api:
        looks.append(config)
        return api

    cluster = Cluster(Settings(), connect)
    assert looks == []
    assert cluster.serves(Kind.of_token("kubernetes:core/v1:ConfigMap"))
    assert cluster.unreachable == ""
    assert [config["current-context"] for config in looks] == ["here"]


def test_the_namespace_of_the_context_or_the_settings_is_the_default(
    kubeconfig: Path, connect: Callable[[dict[str, Any]], Api]
) -> None:
    contexts = [{"name": "here", "context": {"cluster": "c", "user": "u", "namespace": "team"}}]
    kubeconfig.write_text(json.dumps(KUBECONFIG | {"contexts": contexts}))
    assert Cluster(Settings(), connect).default_namespace == "team"
    assert Cluster(Settings(namespace="mine"), connect).default_namespace == "mine"


def test_discovery_says_where_an_object_is(cluster: Cluster) -> None:
    deployment = Kind(group="apps", version="v1", kind="Deployment")
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}
    assert cluster.path_of(deployment, "ns", "d") == "/apis/apps/v1/namespaces/ns/deployments/d"
    assert cluster.path_of(deployment, "") == "/apis/apps/v1/namespaces/default/deployments"
    assert cluster.path(namespace) == "/api/v1/namespaces/n"


def test_a_kind_may_come_later(cluster: Cluster, api: FakeApi) -> None:
    with pytest.raises(
        NoSuchKind, match=r'no matches for kind "Thing" in version "example.com/v1"'
    ):
        cluster.path_of(CUSTOM, "ns")
    assert not cluster.serves(CUSTOM)
    api.served["/apis/example.com/v1"] = [("Thing", "things", False)]
    assert cluster.serves(CUSTOM)
    assert cluster.path_of(CUSTOM, "ns", "t") == "/apis/example.com/v1/things/t"


def test_a_custom_kind_lives_in_a_namespace_unless_the_cluster_says_otherwise(
    cluster: Cluster, no_cluster: Cluster, api: FakeApi
) -> None:
    assert no_cluster.namespaced(CUSTOM)
    assert cluster.namespaced(CUSTOM)
    api.served["/apis/example.com/v1"] = [("Thing", "things", False)]
    assert not cluster.namespaced(CUSTOM)
    assert not no_cluster.namespaced(Kind.of_token("kubernetes:core/v1:Namespace"))
