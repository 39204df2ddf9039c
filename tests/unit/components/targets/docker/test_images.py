"""Images on the engine: pulled, or built from source."""

import json

import pytest

from components.images import ENTRIES
from components.source_digest import image_digest
from tests.unit.describing import ROOT
from tests.unit.rendering import Rendered, Resource, render

MIRROR = {"url": "mirror.example.com:5000/hub", "user": "u", "password": "pull-password"}


@pytest.fixture(scope="module")
def mirrored() -> Rendered:
    return render({"registry": MIRROR}, secret=("registry",))


def built(rendered: Rendered) -> dict[str, Resource]:
    return {
        name: image
        for name, image in rendered.of_type("RemoteImage").items()
        if "build" in image.inputs
    }


def names(rendered: Rendered) -> list[str]:
    return sorted(image.inputs["name"] for image in rendered.of_type("RemoteImage").values())


def test_each_image_is_registered_once_however_many_containers_run_it(dev: Rendered) -> None:
    """The base of a built image is one of those that containers run."""
    assert len(set(names(dev))) == len(names(dev))
    replicas = render({"api": {"services": {"decision": {"replicas": 2}}}})
    assert names(replicas) == names(dev)
    image = "id-of-ai-platform/decision:dev"
    for name in ("decision", "decision-2"):
        assert replicas.containers()[name]["image"] == image


def test_a_change_of_an_images_content_replaces_its_containers(dev: Rendered) -> None:
    """A built image keeps its name when its content changes; its id does not."""
    for name, container in dev.of_type("Container").items():
        assert len(container.follows["image"]) == 1, name
        assert container.inputs["image"].startswith("id-of-"), name


def test_the_outputs_contain_the_images_that_run(dev: Rendered) -> None:
    assert dev.outputs["images"]["backend"] == "ai-platform/backend:dev"
    references = {image.inputs["name"] for image in built(dev).values()}
    assert references <= set(dev.outputs["images"].values())


def test_images_stay_for_the_next_up(dev: Rendered) -> None:
    assert all(image.inputs["keepLocally"] for image in dev.of_type("RemoteImage").values())


def test_only_the_reference_services_and_backups_are_built_each_from_its_base(
    dev: Rendered,
) -> None:
    builds = {name: image.inputs["build"] for name, image in built(dev).items()}
    python, nginx = ENTRIES["python"].official, ENTRIES["nginx"].official
    assert builds == {
        "image-ai-platform/backup": {
            "context": "images/backup",
            "dockerfile": "Dockerfile",
            # Its programs read the server's files.
            "buildArgs": {"BASE": ENTRIES["postgres"].official},
        },
        "image-ai-platform/backend": {
            "context": "images/services",
            "dockerfile": "api.Dockerfile",
            "buildArgs": {"BASE": python},
        },
        "image-ai-platform/decision": {
            "context": "images/services",
            "dockerfile": "decision.Dockerfile",
            "buildArgs": {"BASE": python},
        },
        "image-ai-platform/web": {
            "context": "images/web",
            "dockerfile": "Dockerfile",
            "buildArgs": {"BASE": nginx},
        },
    }


def test_a_changed_source_or_base_rebuilds_an_image(dev: Rendered) -> None:
    image = built(dev)["image-ai-platform/web"]
    nginx = ENTRIES["nginx"].official
    assert image.inputs["triggers"] == {
        "source": image_digest(ROOT / "images" / "web", "Dockerfile"),
        "base": f"id-of-{nginx}",
    }
    assert image.follows["triggers"] == {f"image-{nginx}"}


def test_two_stacks_build_images_with_different_names(dev: Rendered) -> None:
    other = render(stack_name="other")
    assert not {image.inputs["name"] for image in built(dev).values()} & set(names(other))


def test_every_pulled_image_comes_from_the_mirror(mirrored: Rendered) -> None:
    ours = {image.inputs["name"] for image in built(mirrored).values()}
    assert all(name.startswith(MIRROR["url"] + "/") for name in set(names(mirrored)) - ours)
    bases = {image.inputs["build"]["buildArgs"]["BASE"] for image in built(mirrored).values()}
    assert all(base.startswith(MIRROR["url"] + "/") for base in bases)


def test_the_mirrors_login_goes_to_the_provider_and_is_secret(mirrored: Rendered) -> None:
    (provider,) = mirrored.of_type("docker").values()
    assert json.loads(provider.inputs["registryAuth"]) == [
        {
            "address": "mirror.example.com:5000",
            "username": "u",
            "password": "pull-password",
        }
    ]
    assert ("registryAuth",) in provider.secrets


def test_a_mirror_without_a_login_adds_none_to_the_provider() -> None:
    rendered = render({"registry": {"url": "mirror.example.com"}})
    (provider,) = rendered.of_type("docker").values()
    assert "registryAuth" not in provider.inputs
