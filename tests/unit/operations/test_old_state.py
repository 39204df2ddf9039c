"""A state that holds images of a type that is gone is mended, and nothing else of it changes."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from operations import old_state

# What `pulumi stack export` said of a dev stack whose images `docker.Image` had built, without
# the resources' own values.
REAL = Path(__file__).with_name("state_with_image_entries.json")
STACK = "urn:pulumi:dev::ai-platform::"
IMAGE = f"{STACK}docker:index/image:Image::image-ai-platform/backend"
PULLED = f"{STACK}docker:index/remoteImage:RemoteImage::image-redis:7"
NETWORK = f"{STACK}docker:index/network:Network::network-backend"


def entry(urn: str, **given: Any) -> dict[str, Any]:
    return {"urn": urn, "type": urn.split("::")[2].rpartition("$")[2], "id": urn[-3:]} | given


def container(image: list[str], dependencies: list[str]) -> dict[str, Any]:
    return entry(
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


def test_they_are_named() -> None:
    state = exported(entry(IMAGE), entry(IMAGE, delete=True), entry(PULLED))
    assert old_state.images(state) == ["image-ai-platform/backend"]


def test_a_new_stack_has_none() -> None:
    assert old_state.images({"version": 3, "deployment": {}}) == []
    assert old_state.images({}) == []


def test_they_and_references_to_them_are_taken_out_and_containers_stay() -> None:
    before = exported(
        entry(IMAGE),
        entry(PULLED),
        entry(NETWORK),
        container([IMAGE], [IMAGE, NETWORK]),
        pending=[{"resource": entry(IMAGE), "type": "creating"}],
    )
    assert old_state.mended(before) == exported(
        entry(PULLED),
        entry(NETWORK),
        container([], [NETWORK])
        | {"propertyDependencies": {"image": [], "networks": [NETWORK], "name": []}},
        pending=[],
    )
    assert old_state.images(before)


def references(resource: Mapping[str, Any]) -> Iterator[str]:
    """The URNs that an entry names: Pulumi refuses a state where one of them has no entry."""
    if provider := resource.get("provider"):
        yield provider.rpartition("::")[0]
    if parent := resource.get("parent"):
        yield parent
    yield from resource.get("dependencies", [])
    for urns in resource.get("propertyDependencies", {}).values():
        yield from urns or []


def test_a_real_state_loses_three_images_and_no_reference_leads_nowhere() -> None:
    state = json.loads(REAL.read_text())
    images = [f"image-ai-platform/{name}" for name in ("backend", "decision", "web")]
    assert old_state.images(state) == images
    before = {each["urn"] for each in state["deployment"]["resources"]}
    mended = old_state.mended(state)["deployment"]["resources"]
    after = {each["urn"] for each in mended}
    assert {urn.rpartition("::")[2] for urn in before - after} == set(images)
    assert len(mended) == len(before) - 3
    assert {urn for each in mended for urn in references(each)} <= after
    assert {each["urn"] for each in mended if each.get("protect")} == {
        each["urn"] for each in state["deployment"]["resources"] if each.get("protect")
    }


def test_its_providers_ask_for_no_version_any_more() -> None:
    provider = entry(
        f"{STACK}pulumi:providers:docker::docker",
        inputs={"__internal": {}, "host": "unix:///x", "version": "5.1.0"},
        outputs={"host": "unix:///x", "version": "5.1.0"},
    )
    (mended,) = old_state.mended(exported(provider))["deployment"]["resources"]
    assert mended == provider | {
        "inputs": {"__internal": {}, "host": "unix:///x"},
        "outputs": {"host": "unix:///x"},
    }


def test_a_state_names_the_plugins_that_this_machine_lacks(tmp_path: Path) -> None:
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
    assert old_state.absent_plugins(exported, tmp_path) == ["docker 5.1.0", "kubernetes 4.32.0"]
    assert old_state.absent_plugins(old_state.mended(exported), tmp_path) == []
