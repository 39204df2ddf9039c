"""What the Kubernetes target registers, and with which options."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pulumi
import pytest

from components.targets.kubernetes import naming
from components.targets.kubernetes.cluster import ReachableCluster
from components.targets.kubernetes.rollouts import NO_WAIT, Rollout
from tests.unit.describing import KUBERNETES
from tests.unit.objects import objects
from tests.unit.rendering import UID, Rendered, Resource, render

PREFIX = "kubernetes:"
STACK = "ai-platform-dev"


def on_cluster(rendered: Rendered) -> list[Resource]:
    """Every object of the cluster."""
    return [
        resource for resource in rendered.resources.values() if resource.type.startswith(PREFIX)
    ]


def running(rendered: Rendered) -> dict[str, Resource]:
    return rendered.of_type("Deployment") | rendered.of_type("StatefulSet")


def started_after(rendered: Rendered, name: str) -> set[str]:
    """The workloads and jobs that a workload waits for."""
    objects = (
        resource.split(" ") for resource in running(rendered)[name].depends_on if " " in resource
    )
    return {other for kind, other in objects if kind in ("Deployment", "StatefulSet", "Job")}


def test_every_object_has_the_stacks_provider(kubernetes: Rendered) -> None:
    assert on_cluster(kubernetes)
    assert {resource.provider for resource in on_cluster(kubernetes)} == {"kubernetes"}


def test_the_provider_uses_the_context_and_leaves_fields_of_others(
    own_kubernetes: Rendered,
) -> None:
    assert own_kubernetes.of_type("kubernetes")["kubernetes"].inputs == {
        "context": "acme-eu",
        "clusterIdentifier": "ai-platform",
        "enableServerSideApply": "true",
        "enableConfigMapMutable": "true",
        "enableSecretMutable": "true",
    }


def test_a_stack_without_a_context_uses_the_current_one(least: Rendered) -> None:
    assert "context" not in least.of_type("kubernetes")["kubernetes"].inputs


def test_the_state_does_not_contain_the_path_of_a_kubeconfig(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Otherwise a preview on another machine would show the provider and all its objects as
    changed."""
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    monkeypatch.setenv(naming.ADOPT, "true")
    rendered = render(KUBERNETES)
    inputs = rendered.of_type("kubernetes")["kubernetes"].inputs
    assert not {"kubeconfig", "upsertExistingObjects"} & inputs.keys()
    assert os.environ["KUBECONFIG"] == str(tmp_path / "config"), "only the program's own"


def test_parts_belong_to_their_tier_and_other_objects_to_the_stack(
    least: Rendered,
) -> None:
    outside = {
        resource.type.rpartition(":")[2]
        for resource in on_cluster(least)
        if resource.parent == STACK
    }
    assert outside == {"Namespace", "NetworkPolicy"}
    tiers = {name: resource.parent for name, resource in running(least).items()}
    assert tiers == {workload.name: workload.tier for workload in least.workloads}


def test_every_object_is_in_the_settings_namespace_and_depends_on_it(
    own_kubernetes: Rendered,
) -> None:
    for resource in on_cluster(own_kubernetes):
        if not resource.type.endswith(":Namespace"):
            assert resource.inputs["metadata"]["namespace"] == "acme", resource.name
            assert "Namespace acme" in resource.depends_on, resource.name


def test_a_namespace_that_exists_is_used_as_it_is() -> None:
    rendered = render({**KUBERNETES, "kubernetes": {"namespace": "a", "create_namespace": False}})
    assert not objects(rendered, "Namespace")
    assert {item["metadata"]["namespace"] for item in objects(rendered).values()} == {"a"}


def test_a_part_waits_for_the_parts_that_it_starts_after(kubernetes: Rendered) -> None:
    for workload in kubernetes.workloads:
        assert started_after(kubernetes, workload.name) == set(workload.starts_after)


def test_the_web_tier_waits_for_the_backend_which_waits_for_its_servers(prod: Rendered) -> None:
    assert started_after(prod, "gateway") == {"backend", "frontend"}
    assert started_after(prod, "backend") == {*("postgres", "postgres-schema", "redis", "decision")}
    assert started_after(prod, "prometheus") == set()


def test_a_part_waits_for_the_services_of_parts_that_it_starts_after(prod: Rendered) -> None:
    assert {"Service postgres", "Service redis"} <= running(prod)["backend"].depends_on


def test_only_kept_data_and_its_secrets_are_protected(
    prod: Rendered,
) -> None:
    protected = {
        f"{resource.type.rpartition(':')[2]} {resource.name}"
        for resource in prod.resources.values()
        if resource.protect
    }
    claims = {f"PersistentVolumeClaim {name}" for name in prod.of_type("PersistentVolumeClaim")}
    assert len(claims) == 6
    assert protected == {
        *claims,
        *(f"RandomPassword postgres{role}-password" for role in ("", "-owner", "-app", "-monitor")),
        "RandomPassword api-token",
        "RandomPassword grafana-password",
        "RandomPassword grafana-secret-key",
    }


def test_protected_resources_depend_on_no_other_object_but_the_namespace(prod: Rendered) -> None:
    """Removing the stack without its data keeps the namespace, and nothing that runs."""
    for resource in prod.resources.values():
        if resource.protect and resource.type.startswith(PREFIX):
            assert resource.depends_on == {"Namespace ai-platform"}, resource.name


def test_up_does_not_wait_for_what_a_cluster_may_never_have(kubernetes: Rendered) -> None:
    """These are the address of a Service or an Ingress, a volume before its first pod, and a
    metrics server."""
    for name, resource in objects(
        kubernetes, "Service", "Ingress", "PersistentVolumeClaim", "HorizontalPodAutoscaler"
    ).items():
        assert resource["metadata"]["annotations"]["pulumi.com/skipAwait"] == "true", name
    for name, controller in objects(kubernetes, "Deployment", "StatefulSet").items():
        assert "pulumi.com/skipAwait" not in controller["metadata"]["annotations"], name


class Checks:
    """Replaces the roll-outs on a cluster, and records the target's calls."""

    def __init__(self) -> None:
        self.failed_jobs = {"failed": "uid"}
        self.after_changes: list[Rollout] = []
        self.at_the_end: list[Rollout] = []

    def hooks(self, rollout: Rollout) -> pulumi.ResourceHookBinding:
        self.after_changes.append(rollout)
        return pulumi.ResourceHookBinding()

    def settled(self, rollout: Rollout, workload: pulumi.CustomResource) -> pulumi.Output[bool]:
        return workload.id.apply(lambda _: True)

    def confirm(self, settled: Sequence[tuple[Rollout, pulumi.Output[bool]]]) -> None:
        self.at_the_end += [rollout for rollout, _ in settled]


def checks(*, preview: bool = False) -> tuple[list[Checks], Rendered]:
    """The calls of one run."""
    checks = Checks()
    used: list[Checks] = []

    def find(client: object, namespace: str, labels: dict[str, str]) -> Checks:
        assert labels == {"app.kubernetes.io/instance": "dev"}
        used.append(checks)
        return checks

    here = ReachableCluster(uid=UID, server="https://192.0.2.1:6443", client=object())
    with (
        patch("tests.unit.rendering._cluster", lambda _: here),
        patch("components.targets.kubernetes.target.explain", lambda *_: None),
        patch("components.targets.kubernetes.rollouts.find", find),
    ):
        rendered = render(KUBERNETES, preview=preview)
    return used, rendered


def test_up_checks_every_workload_after_its_change_and_at_its_end(least: Rendered) -> None:
    (used,), rendered = checks()
    jobs = [rollout for rollout in used.after_changes if rollout.kind == "Job"]
    assert {str(job) for job in jobs} == set(objects(least, "Job"))
    assert [rollout for rollout in used.after_changes if rollout not in jobs] == used.at_the_end
    assert {rollout.labels["app.kubernetes.io/name"] for rollout in used.at_the_end} == set(
        running(least)
    )
    for awaited in objects(least, "Deployment", "StatefulSet", "Job").values():
        assert NO_WAIT.items() <= awaited["metadata"]["annotations"].items()
    assert {str(rollout) for rollout in used.at_the_end} == set(
        objects(least, "Deployment", "StatefulSet")
    )
    # Only the checks differ, not the order of registration.
    assert rendered.resources == least.resources


def test_a_preview_checks_no_workload() -> None:
    assert checks(preview=True)[0] == []


def test_outputs_have_the_same_keys_on_both_targets(prod: Rendered, dev: Rendered) -> None:
    assert set(prod.outputs) == set(dev.outputs)
    for key in ("endpoints", "logins", "images"):
        assert set(prod.outputs[key]) == set(dev.outputs[key]), key
    assert prod.secret_outputs == dev.secret_outputs == {"logins"}


def test_an_endpoint_is_where_its_route_is_or_null(prod: Rendered) -> None:
    assert prod.outputs["endpoints"] == {
        "web": "https://ai-platform.example.com",
        "backend": "https://ai-platform.example.com/api",
        "decision": None,
        "grafana": None,
        "prometheus": None,
        "alertmanager": None,
    }


def test_a_preview_registers_the_same_resources_as_up(least: Rendered) -> None:
    """Everything except the cluster's identity, which only `up` reads."""

    def planned(rendered: Rendered) -> dict[str, Any]:
        return {
            name: resource
            for name, resource in objects(rendered).items()
            if resource["kind"] != "Namespace"
        }

    assert planned(render(KUBERNETES, preview=True)) == planned(least)


def test_selectors_contain_the_stacks_name(least: Rendered) -> None:
    other = render(KUBERNETES, stack_name="other")
    for name, controller in objects(least, "Deployment", "StatefulSet").items():
        selector = controller["spec"]["selector"]["matchLabels"]
        labels = objects(other)[name]["spec"]["template"]["metadata"]["labels"]
        assert not selector.items() <= labels.items(), name


def test_up_refuses_a_compiled_plugin_on_a_cluster_that_nobody_named_for_it() -> None:
    stack = {
        **KUBERNETES,
        "plugins": {"kubernetes": "4.25.0+compiled", "contexts": ["mine"]},
        "kubernetes": {"context": "theirs"},
    }
    with pytest.raises(pulumi.RunError, match=r"plugins\.contexts"):
        render(stack)
    assert render(stack | {"kubernetes": {"context": "mine"}}).resources


def test_components_are_complete_when_the_program_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    completed: list[str] = []

    def register(component: pulumi.ComponentResource, outputs: Any) -> None:
        completed.append(component._name)

    monkeypatch.setattr(pulumi.ComponentResource, "register_outputs", register)
    for stack in ({}, KUBERNETES):
        completed.clear()
        render(stack)
        tiers = {"data", "cache", "api", "web", "observability"}
        assert set(completed) - {"ai-platform-dev"} == tiers
