"""A plan says what is asked for, and nothing that differs from run to run."""

from typing import Any

from operations.plan.resources import LATER, SECRET, hidden, plan
from tests.unit.operations.plan.states import CONTAINER, IMAGE, UNKNOWN, of, state, urn


def test_a_resource_is_named_by_the_last_part_of_its_urn_and_of_its_type() -> None:
    (resource,) = of(state("image-postgres:15", kind=IMAGE)).values()
    assert (resource.kind, resource.name) == ("RemoteImage", "image-postgres:15")


def test_a_provider_is_called_one() -> None:
    (resource,) = of(
        {
            "urn": "urn:pulumi:dev::p::pulumi:providers:docker::docker",
            "type": "pulumi:providers:docker",
        }
    ).values()
    assert (resource.kind, resource.name) == ("Provider", "docker")


def test_the_stack_itself_is_none_of_its_resources() -> None:
    stack = {"urn": "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev", "type": "pulumi:pulumi:Stack"}
    assert of(stack) == {}


def test_a_component_without_inputs_is_one() -> None:
    tier = {
        "urn": "urn:pulumi:dev::p::ai-platform:index:ApiTier::api",
        "type": "t",
        "custom": False,
    }
    (resource,) = of(tier).values()
    assert (resource.kind, resource.inputs) == ("ApiTier", {})


def test_secret_and_unknown_values_are_shown_as_such_at_any_depth() -> None:
    secret = {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        "value": "swordfish",
    }
    inputs = {"uploads": [{"content": secret}, {"content": "[secret]"}], "image": UNKNOWN}
    (resource,) = of(state("backend", inputs)).values()
    assert resource.inputs == {"uploads": [{"content": SECRET}] * 2, "image": LATER}
    assert hidden(resource.inputs) == 3


def test_what_pulumi_keeps_for_itself_is_left_out() -> None:
    inputs = {"__defaults": [], "spec": {"__internal": {}, "replicas": 3}}
    (resource,) = of(state("backend", inputs)).values()
    assert resource.inputs == {"spec": {"replicas": 3}}


def test_the_directory_of_a_tree_is_not_part_of_what_it_asks_for() -> None:
    inputs = {"context": "/tmp/a/images/api", "main": "/tmp/a"}
    texts = {"/tmp/a/": "", "/tmp/a": "."}
    (resource,) = plan([state("backend", inputs)], texts).values()
    assert resource.inputs == {"context": "images/api", "main": "."}


def test_a_random_name_is_the_same_in_every_run_for_whoever_refers_to_it_too() -> None:
    def random(suffix: str) -> list[dict[str, Any]]:
        metadata = {
            "name": f"backend-{suffix}",
            "annotations": {"pulumi.com/autonamed": "true"},
        }
        return [state("files", {"metadata": metadata}), state("pod", {"use": f"backend-{suffix}"})]

    assert plan(random("0a1b2c3d")) == plan(random("4e5f6071"))


def test_options_that_change_how_a_resource_lives_belong_to_it() -> None:
    more = {"protect": True, "customTimeouts": {"create": 600}, "aliases": [], "created": "today"}
    (resource,) = of(state("postgres") | more).values()
    assert resource.options == {"protect": True, "customTimeouts": {"create": 600}}
    assert resource.protected


def test_what_is_waited_for_is_told_from_what_a_value_comes_from() -> None:
    network, redis = urn("docker:index/network:Network", "edge"), urn(CONTAINER, "redis")
    (resource,) = of(
        state(
            "backend",
            {"image": UNKNOWN, "networks": ["edge"]},
            dependencies=[network, redis],
            propertyDependencies={"image": [urn(IMAGE, "image")], "networks": [network]},
        )
    ).values()
    assert resource.options == {"dependsOn": ["redis"]}
    assert resource.sources == {"image": (urn(IMAGE, "image"),)}
