"""A repair removes image resources and plugin versions from a state, and changes nothing else."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from operations import state_repair

# The output of `pulumi stack export` for a dev stack with `docker.Image` resources, without the
# resources' values.
EXPORT = Path(__file__).with_name("state_with_image_entries.json")
STACK = "urn:pulumi:dev::ai-platform::"
IMAGE = f"{STACK}docker:index/image:Image::image-ai-platform/backend"
PULLED = f"{STACK}docker:index/remoteImage:RemoteImage::image-redis:7"
NETWORK = f"{STACK}docker:index/network:Network::network-backend"


def resource(urn: str, **fields: Any) -> dict[str, Any]:
    return {"urn": urn, "type": urn.split("::")[2].rpartition("$")[2], "id": urn[-3:]} | fields


def container(image: list[str], dependencies: list[str]) -> dict[str, Any]:
    return resource(
        f"{STACK}ai-platform:index:ApiTier$docker:index/container:Container::backend",
        inputs={"image": "sha256:1"},
        dependencies=dependencies,
        propertyDependencies={"image": image, "networks": [NETWORK], "name": None},
    )


def exported(*resources: dict[str, Any], pending: Any = None) -> dict[str, Any]:
    deployment = {"manifest": {"time": "x"}, "resources": list(resources)}
    if pending is not None:
        deployment["pending_operations"] = pending
    return {"version": 3, "deployment": deployment}


def test_image_resources_are_found_by_name() -> None:
    state = exported(resource(IMAGE), resource(IMAGE, delete=True), resource(PULLED))
    assert state_repair.images(state) == ["image-ai-platform/backend"]


def test_a_new_stack_has_no_image_resources() -> None:
    assert state_repair.images({"version": 3, "deployment": {}}) == []
    assert state_repair.images({}) == []


def test_image_resources_and_references_to_them_are_removed_and_containers_stay() -> None:
    before = exported(
        resource(IMAGE),
        resource(PULLED),
        resource(NETWORK),
        container([IMAGE], [IMAGE, NETWORK]),
        pending=[{"resource": resource(IMAGE), "type": "creating"}],
    )
    assert state_repair.repaired(before) == exported(
        resource(PULLED),
        resource(NETWORK),
        container([], [NETWORK])
        | {"propertyDependencies": {"image": [], "networks": [NETWORK], "name": []}},
        pending=[],
    )
    assert state_repair.images(before)


def references(resource: Mapping[str, Any]) -> Iterator[str]:
    """The URNs that a resource refers to: Pulumi rejects a state where one of them is missing."""
    if provider := resource.get("provider"):
        yield provider.rpartition("::")[0]
    if parent := resource.get("parent"):
        yield parent
    yield from resource.get("dependencies", [])
    for urns in resource.get("propertyDependencies", {}).values():
        yield from urns or []


def test_a_repair_of_an_exported_state_removes_three_images_and_leaves_no_dangling_reference() -> (
    None
):
    state = json.loads(EXPORT.read_text())
    images = [f"image-ai-platform/{name}" for name in ("backend", "decision", "web")]
    assert state_repair.images(state) == images
    before = {resource["urn"] for resource in state["deployment"]["resources"]}
    resources = state_repair.repaired(state)["deployment"]["resources"]
    after = {resource["urn"] for resource in resources}
    assert {urn.rpartition("::")[2] for urn in before - after} == set(images)
    assert len(resources) == len(before) - 3
    assert {urn for resource in resources for urn in references(resource)} <= after
    assert {resource["urn"] for resource in resources if resource.get("protect")} == {
        resource["urn"] for resource in state["deployment"]["resources"] if resource.get("protect")
    }


def test_a_repaired_provider_names_no_version() -> None:
    provider = resource(
        f"{STACK}pulumi:providers:docker::docker",
        inputs={"__internal": {}, "host": "unix:///x", "version": "5.1.0"},
        outputs={"host": "unix:///x", "version": "5.1.0"},
    )
    (repaired,) = state_repair.repaired(exported(provider))["deployment"]["resources"]
    assert repaired == provider | {
        "inputs": {"__internal": {}, "host": "unix:///x"},
        "outputs": {"host": "unix:///x"},
    }


def test_a_state_shows_the_plugins_that_this_machine_lacks(tmp_path: Path) -> None:
    (tmp_path / "resource-docker-v5.2.0+compiled").mkdir()
    resources = [
        {"type": f"pulumi:providers:{name}", "urn": name, "inputs": {"version": version}}
        for name, version in (
            ("docker", "5.2.0"),
            ("docker", "5.2.0+compiled"),
            ("docker", "5.1.0"),
            ("kubernetes", "4.32.0"),
        )
    ]
    resources.append({"type": "pulumi:providers:random", "urn": "random"})
    exported = {"deployment": {"resources": resources}}
    assert state_repair.absent_plugins(exported, tmp_path) == ["docker 5.1.0", "kubernetes 4.32.0"]
    assert state_repair.absent_plugins(state_repair.repaired(exported), tmp_path) == []


BEGUN = [
    {"resource": resource(NETWORK), "type": "creating"},
    {"resource": resource(PULLED), "type": "updating"},
]


def test_a_state_shows_what_a_killed_update_had_begun() -> None:
    assert state_repair.unfinished(exported(resource(PULLED), pending=BEGUN)) == {
        "network-backend": "creating",
        "image-redis:7": "updating",
    }
    assert state_repair.unfinished(exported(resource(PULLED))) == {}
    assert state_repair.unfinished({"version": 3, "deployment": {}}) == {}


def test_operations_that_were_begun_are_removed_and_resources_stay() -> None:
    before = exported(resource(PULLED), pending=BEGUN)
    assert state_repair.without_unfinished(before) == exported(resource(PULLED), pending=[])
