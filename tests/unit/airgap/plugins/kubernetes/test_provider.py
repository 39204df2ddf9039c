"""The protocol's messages; what they mean is tested beside the modules that know."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from airgap.plugins.kubernetes.api import Api
from airgap.plugins.kubernetes.cluster import Cluster
from airgap.plugins.kubernetes.provider import Kubernetes
from airgap.plugins.values import SECRET, SIGNATURE, UNKNOWN_TEXT
from tests.unit.airgap.plugins.conftest import Asked, Refused, urn
from tests.unit.airgap.plugins.kubernetes.conftest import CONFIG_MAP, FakeApi, config_map

URN = urn("kubernetes:core/v1:ConfigMap")
MARKED = {SIGNATURE: SECRET, "value": "hunter2"}


@pytest.fixture
def ask(kubeconfig: Any, connect: Callable[[dict[str, Any]], Api]) -> Asked:
    made = Asked(lambda log: Kubernetes(log, lambda settings: Cluster(settings, connect)))
    made("Configure", {"args": {}})
    return made


def test_it_announces_itself(ask: Asked) -> None:
    assert [log.message for log in ask.logged] == [
        "a stand-in answers for pulumi-resource-kubernetes 4.32.0"
    ]


def test_settings_that_it_lacks_are_refused(ask: Asked) -> None:
    news = {"context": "c", "renderYamlToDirectory": "out", "enableServerSideApply": "false"}
    assert ask("CheckConfig", {"news": news})["failures"] == [
        {
            "property": "renderYamlToDirectory",
            "reason": "this stand-in does not implement the setting",
        },
        {
            "property": "enableServerSideApply",
            "reason": "this stand-in always applies on the server's side",
        },
    ]


def test_another_cluster_replaces_its_objects(ask: Asked) -> None:
    olds, news = {"clusterIdentifier": "a"}, {"clusterIdentifier": "b"}
    assert ask("DiffConfig", {"olds": olds, "news": news})["replaces"] == ["clusterIdentifier"]


def test_nothing_is_done_before_it_is_configured() -> None:
    with pytest.raises(Refused, match="the provider is not configured"):
        Asked(Kubernetes)("Check", {"urn": URN, "news": config_map()})


def test_a_difference_is_told_in_detail(ask: Asked) -> None:
    inputs = config_map(a="1", b="1")
    inputs["metadata"]["labels"] = {"x.y/z": "1"}
    news = config_map(a="2") | {"metadata": config_map()["metadata"]}
    answer = ask("Diff", {"urn": URN, "olds": inputs | {"__inputs": inputs}, "news": news})
    assert answer == {
        "changes": "DIFF_SOME",
        "replaces": ["data.a", "data.b"],
        "deleteBeforeReplace": True,
        "hasDetailedDiff": True,
        "detailedDiff": {
            "data.a": {"kind": "UPDATE_REPLACE"},
            "data.b": {"kind": "DELETE_REPLACE", "inputDiff": True},
            "metadata.labels": {"kind": "DELETE", "inputDiff": True},
        },
    }


def test_a_life_from_creation_to_removal_keeps_secrets(ask: Asked, api: FakeApi) -> None:
    given = config_map() | {"data": {"password": MARKED}}
    made = ask("Create", {"urn": URN, "properties": given})
    assert made["id"] == "ns/cm"
    assert (
        made["properties"]["data"] == made["properties"]["__inputs"]["data"] == {"password": MARKED}
    )
    assert api.live[CONFIG_MAP]["data"] == {"password": "hunter2"}

    read = ask(
        "Read", {"urn": URN, "id": "ns/cm", "inputs": given, "properties": made["properties"]}
    )
    assert read["inputs"] == given
    assert read["properties"] == made["properties"]

    news = given | {"data": {"password": MARKED, "b": "2"}}
    request = {"urn": URN, "id": "ns/cm", "olds": made["properties"], "news": news}
    updated = ask("Update", request)
    assert updated["properties"]["data"] == {"password": MARKED, "b": "2"}

    ask("Delete", {"urn": URN, "id": "ns/cm", "properties": updated["properties"]})
    assert api.live == {}
    request = {"urn": URN, "id": "ns/cm", "inputs": given, "properties": made["properties"]}
    assert ask("Read", request) == {}


def test_a_preview_keeps_what_is_not_known_yet(ask: Asked) -> None:
    given = config_map() | {"data": {"a": UNKNOWN_TEXT}}
    answer = ask("Create", {"urn": URN, "properties": given, "preview": True})
    assert answer == {"properties": given}


def test_what_is_made_but_not_ready_is_recorded_with_every_reason(ask: Asked) -> None:
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j", "namespace": "ns"}}
    request = {
        "urn": urn("kubernetes:batch/v1:Job"),
        "properties": job,
        "timeout": 0.1,
    }
    with pytest.raises(Refused, match="timed out waiting to be Ready") as refused:
        ask("Create", request)
    assert len(refused.value.status.details) == 1


def test_an_import_needs_the_id_only(ask: Asked, api: FakeApi) -> None:
    api.live[CONFIG_MAP] = config_map(a="1")
    assert ask("Read", {"urn": URN, "id": "ns/cm"})["inputs"] == config_map(a="1")


def test_a_cancel_ends_what_waits(ask: Asked) -> None:
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j", "namespace": "ns"}}
    request = {"urn": urn("kubernetes:batch/v1:Job"), "properties": job, "timeout": 60}
    timer = threading.Timer(0.1, lambda: ask._provider.Cancel(None, None))  # type: ignore[arg-type]
    timer.start()
    with pytest.raises(Refused, match="was cancelled"):
        ask("Create", request)
    timer.join()
