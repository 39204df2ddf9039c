"""Objects from creation to removal, and what hands change in between."""

from __future__ import annotations

from subprocess import CalledProcessError

import pytest

from tests.e2e.plugins.kubernetes.program import NAMESPACE, Program

FORCE = {"enable_patch_force": True}


def test_what_is_made_is_what_was_asked_for_and_a_second_look_changes_nothing(
    program: Program,
) -> None:
    claim = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1024Mi"}},
    }
    service = {"selector": {"app": "web"}, "ports": [{"port": 80}], "clusterIP": "None"}
    stateful = {
        "serviceName": "svc",
        "replicas": 1,
        "selector": {"matchLabels": {"app": "state"}},
        "template": {
            "metadata": {"labels": {"app": "state"}},
            "spec": program.pod("sleep", "infinity"),
        },
    }
    job = {"template": {"spec": program.pod("true") | {"restartPolicy": "Never"}}}
    policy = {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": []}
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    objects = {
        "data": program.config_map("cm", a="1", empty=""),
        "web": program.deployment(
            "web",
            "sleep",
            "infinity",
            env=[{"name": "EMPTY", "value": ""}],
            resources={"limits": {"memory": "0.0625Gi", "cpu": "0.5"}},
        ),
        "svc": program.workload("v1", "Service", "svc", service),
        "claim": program.workload("v1", "PersistentVolumeClaim", "claim", claim),
        "state": program.workload("apps/v1", "StatefulSet", "state", stateful),
        "job": program.workload("batch/v1", "Job", "job", job),
        "policy": program.workload("networking.k8s.io/v1", "NetworkPolicy", "policy", policy),
        "scaler": program.workload(
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            "scaler",
            {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 2},
        ),
        "budget": program.workload(
            "policy/v1",
            "PodDisruptionBudget",
            "budget",
            {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}},
        ),
    }
    program.up(**objects)
    assert program.live("deployment", "web")["status"]["availableReplicas"] == 1
    assert program.live("statefulset", "state")["status"]["readyReplicas"] == 1
    assert program.live("job", "job")["status"]["succeeded"] == 1
    assert program.live("configmap", "cm")["data"] == {"a": "1", "empty": ""}
    program.pulumi("preview", "--expect-no-changes")
    program.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")


def test_a_secret_is_on_the_cluster_and_encrypted_in_the_state(program: Program) -> None:
    metadata = {"name": "s", "namespace": NAMESPACE}
    password = {"secret": "hunter2-and-more"}
    manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}
    given = {"manifest": manifest | {"stringData": {"password": password}}}
    program.up(secret=given)
    assert program.live("secret", "s")["data"] == {"password": "aHVudGVyMi1hbmQtbW9yZQ=="}
    assert "hunter2" not in program.state()
    assert "aHVudGVy" not in program.state()
    program.pulumi("preview", "--expect-no-changes")


def test_a_deployment_changes_in_place_and_a_config_map_is_replaced(program: Program) -> None:
    program.up(
        app=program.deployment("app", "sleep", "infinity"), data=program.config_map("cm", a="1")
    )
    uid = program.live("deployment", "app")["metadata"]["uid"]
    described = {
        "app": program.deployment("app", "sleep", "1000000"),
        "data": program.config_map("cm", a="2"),
    }
    assert program.planned(**described) == {"app": "update", "data": "replace"}
    program.up(**described)
    web = program.live("deployment", "app")
    assert web["metadata"]["uid"] == uid
    assert web["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "2"
    assert program.live("configmap", "cm")["data"] == {"a": "2"}
    managers = {entry["manager"]: entry["operation"] for entry in web["metadata"]["managedFields"]}
    ours = [name for name in managers if name.startswith("pulumi-kubernetes")]
    assert [managers[name] for name in ours] == ["Apply"]
    assert ours != ["pulumi-kubernetes"]


def test_data_that_may_change_changes_in_place(program: Program) -> None:
    mutable = {"enable_config_map_mutable": True}
    program.up(provider=mutable, data=program.config_map("cm", a="1", b="1"))
    uid = program.live("configmap", "cm")["metadata"]["uid"]
    program.up(provider=mutable, data=program.config_map("cm", a="2"))
    after = program.live("configmap", "cm")
    assert (after["data"], after["metadata"]["uid"]) == ({"a": "2"}, uid)


def test_what_has_no_name_gets_one_and_its_successor_is_made_before_it_goes(
    program: Program,
) -> None:
    program.up(data=program.config_map(a="1"))
    first = program.outputs()["data"]
    assert first.startswith(f"{NAMESPACE}/data-")
    program.pulumi("preview", "--expect-no-changes")
    program.up(data=program.config_map(a="2"))
    second = program.outputs()["data"]
    assert second != first
    assert program.live("configmap", second.split("/")[1])["data"] == {"a": "2"}
    with pytest.raises(CalledProcessError):
        program.live("configmap", first.split("/")[1])


def test_what_others_changed_is_found_and_put_right_where_it_is_forced(program: Program) -> None:
    program.up(edited=program.deployment("edited", "sleep", "infinity"))
    described = {"edited": program.deployment("edited", "sleep", "1000000")}
    program.up(**described)
    program.kubectl("scale", "deployment/edited", "--replicas=2")
    program.kubectl("label", "deployment/edited", "others=stays", "--field-manager=others")
    assert "1 updated" in program.refreshed()

    said = program.fail("preview", **described)
    assert 'Apply failed with 1 conflict: conflict with "kubectl"' in said
    assert ".spec.replicas" in said

    assert program.planned(provider=FORCE, **described)["edited"] == "update"
    program.up(provider=FORCE, **described)
    live = program.live("deployment", "edited")
    assert live["spec"]["replicas"] == 1
    assert live["metadata"]["labels"] == {"others": "stays"}
    program.pulumi("preview", "--expect-no-changes")


def test_what_was_removed_by_hand_is_made_again(program: Program) -> None:
    program.up(data=program.config_map("cm", a="1"))
    program.kubectl("delete", "configmap", "cm")
    assert "1 deleted" in program.refreshed()
    program.up(data=program.config_map("cm", a="1"))
    assert program.live("configmap", "cm")["data"] == {"a": "1"}


def test_a_custom_kind_is_known_as_soon_as_it_is_defined(program: Program) -> None:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    version["subresources"] = {"status": {}}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.e2e.example.com"},
        "spec": {
            "group": "e2e.example.com",
            "names": {"plural": "things", "singular": "thing", "kind": "Thing"},
            "scope": "Namespaced",
            "versions": [version],
        },
    }
    described = {
        "definition": {"manifest": definition},
        "thing": program.workload("e2e.example.com/v1", "Thing", "t", {"value": "", "list": []}),
    }
    planned = program.planned(**described)
    assert (planned["definition"], planned["thing"]) == ("create", "create")
    program.up(**described)
    assert program.live("things", "t")["spec"] == {"value": "", "list": []}
    program.pulumi("preview", "--expect-no-changes")
    described["thing"] = program.workload("e2e.example.com/v1", "Thing", "t", {"value": "1"})
    assert program.planned(**described) == {"thing": "update"}
    program.up(**described)
    assert program.live("things", "t")["spec"] == {"value": "1"}


def test_a_field_that_is_left_to_others_is_left_to_them(program: Program) -> None:
    program.up(scaled=program.deployment("scaled", "sleep", "infinity"))
    program.kubectl("scale", "deployment/scaled", "--replicas=2")
    changed = program.deployment("scaled", "sleep", "1000000") | {"ignore": ["spec.replicas"]}
    program.up(scaled=changed)
    assert program.live("deployment", "scaled")["spec"]["replicas"] == 2


def test_destroy_leaves_nothing_also_when_something_is_gone_already(program: Program) -> None:
    program.up(web=program.deployment("web", "sleep", "infinity"), data=program.config_map("cm"))
    program.kubectl("delete", "configmap", "cm")
    program.pulumi("destroy", "--yes", "--skip-preview")
    with pytest.raises(CalledProcessError):
        program.cluster.get("namespace", NAMESPACE)
