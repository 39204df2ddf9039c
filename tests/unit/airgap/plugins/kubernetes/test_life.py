from __future__ import annotations

import threading
from typing import Any

import pytest

from airgap.plugins.kubernetes.cluster import Cluster
from airgap.plugins.kubernetes.kinds import Object
from airgap.plugins.kubernetes.life import Asked, Life
from airgap.plugins.kubernetes.settings import Settings
from airgap.plugins.resource import Failed, Incomplete, Live
from airgap.plugins.values import UNKNOWN, Properties, Secret
from tests.unit.airgap.plugins.kubernetes.conftest import (
    CONFIG_MAP,
    FakeApi,
    config_map,
    quiet,
    refusal,
)

JOB = "/apis/batch/v1/namespaces/ns/jobs/j"
NEVER = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"name": "j", "namespace": "ns"},
    "spec": {"backoffLimit": 0},
}


@pytest.fixture
def life(cluster: Cluster, cancelled: threading.Event) -> Life:
    return Life(cluster, cancelled)


def asked(**more: Any) -> Asked:
    return Asked(urn="urn", log=quiet, **more)


PREVIEW = asked(preview=True)
SHORT = asked(timeout=0.1)


def created(life: Life, inputs: Object) -> Properties:
    return life.create(SHORT, inputs).outputs


def test_a_creation_answers_the_live_object_and_what_made_it(life: Life) -> None:
    made = life.create(asked(), config_map(a="1"))
    assert made.id == "ns/cm"
    assert made.outputs["metadata"]["uid"]
    assert made.outputs["__inputs"] == config_map(a="1")
    assert made.outputs["__fieldManager"].startswith("pulumi-kubernetes-")


def test_a_preview_asks_the_server_and_leaves_the_status_open(life: Life, api: FakeApi) -> None:
    made = life.create(PREVIEW, NEVER | {"status": {}})
    assert made.id == ""
    assert made.outputs["metadata"]["uid"]
    assert "status" not in made.outputs
    assert api.live == {}


def test_a_preview_without_a_cluster_answers_the_inputs(
    no_cluster: Cluster, cancelled: threading.Event
) -> None:
    marked = config_map() | {"data": {"a": Secret("1")}}
    life = Life(no_cluster, cancelled)
    assert life.create(PREVIEW, marked) == Live("", marked)
    assert life.update(PREVIEW, {}, marked, []) == marked
    said = "^configured Kubernetes cluster is unreachable: no kubeconfig was found"
    with pytest.raises(Failed, match=said):
        life.create(asked(), marked)
    with pytest.raises(Failed, match=said):
        life.read(Live("ns/cm", marked), marked)
    with pytest.raises(Failed, match=said):
        life.delete(asked(), marked)


def test_what_an_unreachable_cluster_held_can_be_forgotten(
    no_cluster: Cluster, cancelled: threading.Event
) -> None:
    life = Life(Cluster(Settings(delete_unreachable=True)), cancelled)
    assert life.read(Live("ns/cm", config_map()), config_map()) is None
    life.delete(asked(), config_map())


def test_a_preview_of_what_is_not_known_yet_answers_the_inputs(life: Life, api: FakeApi) -> None:
    marked = config_map() | {"data": {"a": UNKNOWN}}
    assert life.create(PREVIEW, marked) == Live("", marked)
    custom = config_map() | {"apiVersion": "example.com/v1", "kind": "Thing"}
    assert life.create(PREVIEW, custom) == Live("", custom)
    assert api.calls("POST") == []


def test_what_the_server_refuses_fails_the_preview_already(life: Life, api: FakeApi) -> None:
    path = "/api/v1/namespaces/ns/configmaps"
    api.refusals[("POST", path)] = [refusal(422, "Invalid", "data: too large")]
    with pytest.raises(Failed, match=r'"urn" was not created: data: too large'):
        life.create(PREVIEW, config_map())


def test_a_preview_of_a_replacement_finds_the_name_taken_and_goes_on(
    life: Life, api: FakeApi
) -> None:
    api.live[CONFIG_MAP] = config_map(a="1")
    assert life.create(PREVIEW, config_map(a="2")) == Live("", config_map(a="2"))


def test_what_does_not_get_ready_in_time_is_made_and_failed(life: Life, api: FakeApi) -> None:
    with pytest.raises(Incomplete, match="'j' timed out waiting to be Ready") as failed:
        life.create(SHORT, NEVER)
    assert failed.value.live.id == "ns/j"
    assert failed.value.live.outputs["__inputs"] == NEVER
    assert JOB in api.live


def test_a_cancel_ends_a_wait_at_once(life: Life, cancelled: threading.Event) -> None:
    cancelled.set()
    with pytest.raises(Incomplete, match='Resource operation was cancelled for "j"'):
        life.create(asked(timeout=60), NEVER)


def test_an_update_applies_under_the_managers_name(life: Life, api: FakeApi) -> None:
    before = created(life, config_map(a="1"))
    after = life.update(asked(), before, config_map(a="2"), [])
    assert api.live[CONFIG_MAP]["data"] == {"a": "2"}
    assert after["__fieldManager"] == before["__fieldManager"]
    assert after["__inputs"] == config_map(a="2")


def test_a_preview_of_an_update_changes_nothing(life: Life, api: FakeApi) -> None:
    before = created(life, config_map(a="1"))
    assert life.update(PREVIEW, before, config_map(a="2"), [])["data"] == {"a": "2"}
    assert api.live[CONFIG_MAP]["data"] == {"a": "1"}


def test_a_conflict_fails_a_preview_and_leaves_a_run_unfinished(life: Life, api: FakeApi) -> None:
    before = created(life, config_map(a="1"))
    life.update(asked(), before, config_map(a="1"), [])
    conflict = refusal(409, "Conflict", "Apply failed with 1 conflict")
    api.refusals[("PATCH", CONFIG_MAP)] = [conflict, conflict]
    with pytest.raises(Failed, match="had an apply conflict: Apply failed with 1 conflict"):
        life.update(PREVIEW, before, config_map(a="2"), [])
    with pytest.raises(Incomplete, match="Apply failed with 1 conflict") as failed:
        life.update(asked(), before, config_map(a="2"), [])
    assert failed.value.live.outputs["data"] == {"a": "1"}


def test_an_update_of_what_is_gone_says_so(life: Life, api: FakeApi) -> None:
    before = created(life, config_map(a="1"))
    api.live.clear()
    with pytest.raises(Failed, match=r'update of resource "urn" failed: .* not found'):
        life.update(asked(), before, config_map(a="2"), [])


def test_a_changed_manager_makes_the_former_one_give_up(life: Life, api: FakeApi) -> None:
    before = created(life, config_map(a="1"))
    renamed = config_map(a="1")
    renamed["metadata"]["annotations"] = {"pulumi.com/patchFieldManager": "mine"}
    life.update(asked(), before, renamed, [])
    applied = [query["fieldManager"] for _, _, query, _ in api.asked if "force" in query]
    assert applied == ["mine", before["__fieldManager"]]


def test_a_refresh_sees_what_others_changed_of_what_the_inputs_say(
    life: Life, api: FakeApi
) -> None:
    before = created(life, config_map(a="1"))
    api.live[CONFIG_MAP]["data"] = {"a": "by hand", "b": "added"}
    found = life.read(Live("ns/cm", before), config_map(a="1"))
    assert found is not None
    assert found.inputs == config_map(a="by hand")
    assert found.live.outputs["data"] == {"a": "by hand", "b": "added"}


def test_a_refresh_of_what_is_gone_finds_nothing(life: Life, api: FakeApi) -> None:
    before = created(life, config_map(a="1"))
    api.live.clear()
    assert life.read(Live("ns/cm", before), config_map(a="1")) is None


def test_a_refresh_finds_what_is_not_ready(life: Life, api: FakeApi) -> None:
    api.live[JOB] = NEVER
    with pytest.raises(Incomplete, match="'j' was created but failed to initialize") as found:
        life.read(Live("ns/j", NEVER), NEVER)
    assert found.value.inputs == NEVER


def test_an_import_takes_all_that_the_server_did_not_write(life: Life, api: FakeApi) -> None:
    api.live[CONFIG_MAP] = config_map(a="1") | {"status": {}}
    api.live[CONFIG_MAP]["metadata"]["uid"] = "u"
    known = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": config_map()["metadata"]}
    known["metadata"].pop("uid", None)
    found = life.read(Live("ns/cm", {}), known)
    assert found is not None
    assert found.inputs == config_map(a="1")
    assert found.live.outputs["metadata"]["uid"] == "u"


def test_a_deletion_waits_until_the_object_is_gone(life: Life, api: FakeApi) -> None:
    before = created(life, config_map(a="1"))
    api.lingering = True
    looks: list[str] = []

    def gone_at_the_second_look(path: str, api: FakeApi) -> None:
        looks.append(path)
        if len(looks) == 2:
            api.live.clear()

    api.on_get = gone_at_the_second_look
    life.delete(asked(timeout=60), before)
    assert looks == [CONFIG_MAP, CONFIG_MAP]


def test_a_deletion_that_does_not_end_says_what_might_prevent_it(life: Life, api: FakeApi) -> None:
    before = created(life, config_map(a="1"))
    api.lingering = True
    api.live[CONFIG_MAP]["metadata"]["finalizers"] = ["example.com/guard"]
    said = r"'cm' timed out waiting to be deleted: finalizers .* \(example.com/guard\)"
    with pytest.raises(Failed, match=said):
        life.delete(SHORT, before)


def test_a_deletion_of_what_is_gone_or_has_a_successor_is_done(life: Life, api: FakeApi) -> None:
    before = created(life, config_map(a="1"))
    api.lingering = True
    api.live[CONFIG_MAP]["metadata"]["uid"] = "another"
    life.delete(SHORT, before)
    api.live.clear()
    life.delete(SHORT, before)


def test_a_deletion_is_not_waited_for_where_the_wait_is_skipped(life: Life, api: FakeApi) -> None:
    skipped = NEVER | {"metadata": NEVER["metadata"] | {"annotations": SKIP}}  # type: ignore[operator]
    before = created(life, skipped)
    api.lingering = True
    life.delete(SHORT, before)
    assert api.calls("GET") == []


SKIP = {"pulumi.com/skipAwait": "true"}
