"""Images on the engine: pulled, or built from source."""

import json

import pytest

from components.images import ENTRIES
from tests.unit.rendering import Rendered, render

MIRROR = {"url": "mirror.example.com:5000/hub", "user": "u", "password": "pull-password"}


@pytest.fixture(scope="module")
def mirrored() -> Rendered:
    return render({"registry": MIRROR}, secret=("registry",))


def names(rendered: Rendered, kind: str) -> list[str]:
    key = {"RemoteImage": "name", "Image": "imageName"}[kind]
    return sorted(str(each.inputs[key]) for each in rendered.of_type(kind).values())


def test_each_image_is_registered_once_however_many_containers_run_it(dev: Rendered) -> None:
    nginx = ENTRIES["nginx"].official
    assert names(dev, "RemoteImage").count(nginx) == 1
    replicas = render({"api": {"services": {"decision": {"replicas": 2}}}})
    assert names(replicas, "Image") == names(dev, "Image")
    image = "digest-of-ai-platform/decision:dev"
    for name in ("decision", "decision-2"):
        assert replicas.containers()[name]["image"] == image


def test_a_container_follows_the_content_of_its_image(dev: Rendered) -> None:
    """A built image keeps its name when its content changes; its digest does not."""
    for name, container in dev.of_type("Container").items():
        assert len(container.follows["image"]) == 1, name
        assert container.inputs["image"].startswith(("id-of-", "digest-of-")), name


def test_the_outputs_name_what_runs_on_the_engine(dev: Rendered) -> None:
    assert dev.outputs["images"]["backend"] == "ai-platform/backend:dev"
    assert set(names(dev, "Image")) <= set(dev.outputs["images"].values())


def test_pulled_images_stay_for_the_next_up(dev: Rendered) -> None:
    assert all(each.inputs["keepLocally"] for each in dev.of_type("RemoteImage").values())


def test_only_the_reference_services_are_built_and_each_on_its_base(dev: Rendered) -> None:
    built = {
        name: (each.inputs["build"]["context"], each.inputs["build"]["args"])
        for name, each in dev.of_type("Image").items()
    }
    python, nginx = ENTRIES["python"].official, ENTRIES["nginx"].official
    assert built == {
        "image-ai-platform/backend": ("images/api", {"BASE": python}),
        "image-ai-platform/decision": ("images/decision", {"BASE": python}),
        "image-ai-platform/web": ("images/web", {"BASE": nginx}),
    }


def test_a_preview_builds_nothing_and_nothing_is_pushed(dev: Rendered) -> None:
    for each in dev.of_type("Image").values():
        assert each.inputs["buildOnPreview"] is False
        assert each.inputs["skipPush"] is True


def test_two_stacks_build_images_of_their_own_names(dev: Rendered) -> None:
    other = render(stack_name="other")
    assert not set(names(dev, "Image")) & set(names(other, "Image"))


def test_every_pulled_image_comes_from_the_mirror(mirrored: Rendered) -> None:
    assert all(name.startswith(MIRROR["url"] + "/") for name in names(mirrored, "RemoteImage"))
    bases = {each.inputs["build"]["args"]["BASE"] for each in mirrored.of_type("Image").values()}
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


def test_a_mirror_without_a_login_asks_for_none() -> None:
    rendered = render({"registry": {"url": "mirror.example.com"}})
    (provider,) = rendered.of_type("docker").values()
    assert "registryAuth" not in provider.inputs
