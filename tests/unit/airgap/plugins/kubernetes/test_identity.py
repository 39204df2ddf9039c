"""Whether changed settings lead to another cluster."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from airgap.plugins.kubernetes.identity import config_diff
from airgap.plugins.values import UNKNOWN
from tests.unit.airgap.plugins.kubernetes.conftest import KUBECONFIG


def kubeconfig(server: str, user: str = "u") -> str:
    clusters = [{"name": "c", "cluster": {"server": server}}]
    return json.dumps(KUBECONFIG | {"clusters": clusters, "users": [{"name": user}]})


def answer(olds: dict[str, Any], news: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = MessageToDict(config_diff(olds, news))
    return found


A, B = kubeconfig("https://a"), kubeconfig("https://b")


@pytest.mark.parametrize(
    ("olds", "news", "diffs", "replaces"),
    [
        ({"namespace": "a"}, {"namespace": "b"}, ["namespace"], []),
        ({"kubeconfig": A}, {"kubeconfig": B}, ["kubeconfig"], ["kubeconfig"]),
        ({"kubeconfig": A}, {"kubeconfig": kubeconfig("https://a", "v")}, ["kubeconfig"], []),
        ({"context": "a"}, {"context": "b"}, ["context"], []),
        ({"kubeconfig": A}, {}, ["kubeconfig"], []),
        (
            {"clusterIdentifier": "one"},
            {"clusterIdentifier": "two"},
            ["clusterIdentifier"],
            ["clusterIdentifier"],
        ),
        ({}, {"clusterIdentifier": "one"}, ["clusterIdentifier"], []),
        (
            {"clusterIdentifier": "one", "kubeconfig": A},
            {"clusterIdentifier": "one", "kubeconfig": B},
            ["kubeconfig"],
            [],
        ),
        ({"kubeconfig": A}, {"kubeconfig": UNKNOWN}, ["kubeconfig"], ["kubeconfig"]),
    ],
)
def test_objects_are_replaced_where_the_cluster_is_another(
    olds: dict[str, Any], news: dict[str, Any], diffs: list[str], replaces: list[str]
) -> None:
    found = answer(olds, news)
    assert found["changes"] == "DIFF_SOME"
    assert (found["diffs"], found.get("replaces", [])) == (diffs, replaces)


def test_the_same_settings_are_no_change() -> None:
    assert answer({"kubeconfig": A}, {"kubeconfig": A}) == {"changes": "DIFF_NONE"}
