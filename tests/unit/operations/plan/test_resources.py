"""A plan has the resources of a preview, and no value that differs from run to run."""

from typing import Any

from operations.plan.resources import LATER, SECRET, hidden, plan
from tests.unit.operations.plan.states import CONTAINER, IMAGE, UNKNOWN, plan_of, state, urn


def test_name_and_kind_come_from_the_urn() -> None:
    (resource,) = plan_of(state("image-postgres:15", kind=IMAGE)).values()
    assert (resource.kind, resource.name) == ("RemoteImage", "image-postgres:15")


def test_the_kind_of_a_provider_is_provider() -> None:
    (resource,) = plan_of(
        {
            "urn": "urn:pulumi:dev::p::pulumi:providers:docker::docker",
            "type": "pulumi:providers:docker",
        }
    ).values()
    assert (resource.kind, resource.name) == ("Provider", "docker")


def test_the_stack_is_not_one_of_its_resources() -> None:
    stack = {"urn": "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev", "type": "pulumi:pulumi:Stack"}
    assert plan_of(stack) == {}


def test_a_component_is_a_resource_without_inputs() -> None:
    tier = {
        "urn": "urn:pulumi:dev::p::ai-platform:index:ApiTier::api",
        "type": "t",
        "custom": False,
    }
    (resource,) = plan_of(tier).values()
    assert (resource.kind, resource.inputs) == ("ApiTier", {})


def test_secret_and_unknown_values_are_marked_at_any_depth() -> None:
    secret = {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        "value": "swordfish",
    }
    inputs = {"uploads": [{"content": secret}, {"content": "[secret]"}], "image": UNKNOWN}
    (resource,) = plan_of(state("backend", inputs)).values()
    assert resource.inputs == {"uploads": [{"content": SECRET}] * 2, "image": LATER}
    assert hidden(resource.inputs) == 3


def test_pulumis_internal_inputs_are_left_out() -> None:
    inputs = {"__defaults": [], "spec": {"__internal": {}, "replicas": 3}}
    (resource,) = plan_of(state("backend", inputs)).values()
    assert resource.inputs == {"spec": {"replicas": 3}}


def test_the_directory_of_a_tree_does_not_appear_in_its_plan() -> None:
    inputs = {"context": "/tmp/a/images/services", "main": "/tmp/a"}
    replacements = {"/tmp/a/": "", "/tmp/a": "."}
    (resource,) = plan([state("backend", inputs)], replacements).values()
    assert resource.inputs == {"context": "images/services", "main": "."}


def test_a_random_name_and_its_references_are_the_same_in_every_run() -> None:
    def random(suffix: str) -> list[dict[str, Any]]:
        metadata = {
            "name": f"backend-{suffix}",
            "annotations": {"pulumi.com/autonamed": "true"},
        }
        return [state("files", {"metadata": metadata}), state("pod", {"use": f"backend-{suffix}"})]

    assert plan(random("0a1b2c3d")) == plan(random("4e5f6071"))


def test_options_that_affect_updates_and_deletion_are_part_of_a_resource() -> None:
    fields = {"protect": True, "customTimeouts": {"create": 600}, "aliases": [], "created": "today"}
    (resource,) = plan_of(state("postgres") | fields).values()
    assert resource.options == {"protect": True, "customTimeouts": {"create": 600}}
    assert resource.protected


def test_explicit_dependencies_differ_from_the_sources_of_a_value() -> None:
    network, redis = urn("docker:index/network:Network", "edge"), urn(CONTAINER, "redis")
    (resource,) = plan_of(
        state(
            "backend",
            {"image": UNKNOWN, "networks": ["edge"]},
            dependencies=[network, redis],
            propertyDependencies={"image": [urn(IMAGE, "image")], "networks": [network]},
        )
    ).values()
    assert resource.options == {"dependsOn": ["redis"]}
    assert resource.sources == {"image": (urn(IMAGE, "image"),)}
