"""The labels of every object, container, network and volume. The snapshots omit them."""

from typing import Any
from unittest.mock import ANY

import pytest

from components.targets.shared_names import RESERVED
from components.workload import Part
from tests.unit.cases import CASES
from tests.unit.rendering import Rendered

# The jobs of the Docker target itself.
TOOLS = ("tool-busybox", "tool-supercronic")
PREFIX = "app.kubernetes.io/"
# Kinds whose objects are named after the workload that they monitor, in the monitoring tier.
MONITORING = {"PodMonitor": "observability", "PrometheusRule": "observability"}


def objects(rendered: Rendered) -> dict[str, dict[str, Any]]:
    return {
        f"{resource.type} {resource.name}": resource.inputs
        for resource in rendered.resources.values()
        if resource.type.startswith("kubernetes:")
    }


@pytest.fixture(params=["prod", "own_kubernetes", "existing_secrets", "operators"])
def cluster_stack(request: pytest.FixtureRequest) -> tuple[Rendered, str]:
    rendered: Rendered = request.getfixturevalue(request.param)
    return rendered, CASES[request.param.replace("_", "-")].stack


def test_every_object_has_the_recommended_labels_of_its_part(
    cluster_stack: tuple[Rendered, str],
) -> None:
    rendered, stack = cluster_stack
    tiers = {part.name: part.tier for part in rendered.parts}
    tiers |= {name: part.tier for part in rendered.parts for name in part.provides()}
    for name, inputs in objects(rendered).items():
        labels = inputs["metadata"]["labels"]
        part = labels[f"{PREFIX}name"]
        prefixed = {key: value for key, value in labels.items() if key.startswith(PREFIX)}
        tier = MONITORING.get(inputs["kind"]) or tiers.get(part)
        if tier is None:
            assert part in RESERVED, name
            tier = "web" if part == "ingress" else "platform"
        assert prefixed == {
            f"{PREFIX}name": part,
            f"{PREFIX}instance": stack,
            f"{PREFIX}component": tier,
            f"{PREFIX}part-of": "ai-platform",
            f"{PREFIX}managed-by": "pulumi",
        }, name
        template = inputs.get("spec", {}).get("template", {}).get("metadata")
        if template and inputs["kind"] != "Pooler":
            assert template["labels"] == labels, name


def test_every_object_is_in_the_stacks_namespace_and_has_its_own_kind(
    cluster_stack: tuple[Rendered, str],
) -> None:
    rendered, _ = cluster_stack
    (namespace,) = rendered.of_type("Namespace")
    for name, inputs in objects(rendered).items():
        api = inputs["apiVersion"]
        group = api if "/" in api else f"core/{api}"
        assert name.startswith(f"kubernetes:{group}:{inputs['kind']} ")
        assert inputs["metadata"]["annotations"]["pulumi.com/patchForce"] == "true", name
        if inputs["kind"] != "Namespace":
            assert inputs["metadata"]["namespace"] == namespace, name


def test_everything_on_an_engine_has_labels_of_project_and_stack(
    dev: Rendered, own: Rendered
) -> None:
    for rendered in (dev, own):
        tiers = {
            name: part.tier
            for part in rendered.parts
            if isinstance(part, Part)
            for name in part.names()
        } | dict.fromkeys(TOOLS, "engine")
        for kind in ("Container", "Network", "Volume"):
            for name, resource in rendered.of_type(kind).items():
                labels = {label["label"]: label["value"] for label in resource.inputs["labels"]}
                common: dict[str, Any] = {
                    "ai-platform.project": "ai-platform",
                    "ai-platform.stack": "dev",
                }
                if kind == "Container":
                    part = labels["ai-platform.workload"]
                    common |= {"ai-platform.workload": part, "ai-platform.tier": tiers[part]}
                    assert tiers[name] == tiers[part]
                    if resource.inputs.get("attach"):
                        common |= {"ai-platform.run": "1", "ai-platform.work": ANY}
                if kind == "Volume":
                    common["ai-platform.volume"] = name.removeprefix("volume-")
                assert labels == common, name
