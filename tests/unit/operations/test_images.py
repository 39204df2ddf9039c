"""The images that a stack builds from source, outside of it."""

from collections.abc import Callable
from typing import Any

import click
import pytest

from components.catalogue import Catalogue
from components.settings import SettingsError
from operations import images
from tests.unit.describing import ROOT, settings

Run = list[tuple[Any, ...]]
Ask = Callable[..., Run]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Ask:
    """What is asked of Docker for a stack of these settings.

    A build is `build REFERENCE BASE PLATFORM`. The engine's platform is linux/amd64, and what it
    builds is for the platform that it is `built_for`.
    """

    def run(given: dict[str, Any], built_for: str = "linux/amd64") -> Run:
        asked: Run = []
        monkeypatch.setattr("operations.stack_file.settings", lambda workspace: settings(given))

        def docker(*words: str) -> str:
            asked.append(words)
            return f"{built_for if words[0] == 'image' else 'linux/amd64'}\n"

        monkeypatch.setattr(images, "docker", docker)
        monkeypatch.setattr("airgap.images.ensure", lambda report: None)
        monkeypatch.setattr("airgap.wheels.download", lambda *_: None)
        monkeypatch.setattr(
            images, "_build", lambda name, _, *about: asked.append(("build", name, *about))
        )
        images.images("any")
        return asked

    return run


def test_every_service_that_is_built_has_a_dockerfile() -> None:
    found = {build.context for build in images.builds(settings(), Catalogue(settings()))}
    assert found == {"images/api", "images/decision", "images/web"}
    assert all((ROOT / context / "Dockerfile").is_file() for context in found)


def test_for_docker_they_are_built_and_not_pushed(run: Ask) -> None:
    asked = run({})
    assert [words[0] for words in asked] == ["build"] * 3
    assert all(words[1].startswith("ai-platform/") for words in asked)
    assert {words[3] for words in asked} == {None}


def test_for_a_cluster_they_are_pushed_under_the_name_that_it_pulls(
    run: Ask,
) -> None:
    given = {"target": "kubernetes", "images": {"repository": "registry.example.com/acme"}}
    asked = run(given)
    built = [words[1] for words in asked if words[0] == "build"]
    assert [words[-1] for words in asked if words[0] == "push"] == built
    catalogue = Catalogue(settings(given))
    builds = images.builds(settings(given), catalogue)
    web = next(build for build in builds if build.context == "images/web")
    assert catalogue.pushed(web) in built


@pytest.mark.parametrize("platform", ["linux/amd64", "linux/arm64"])
def test_for_a_cluster_they_are_built_for_its_nodes(run: Ask, platform: str) -> None:
    given = {
        "target": "kubernetes",
        "images": {"repository": "registry.example.com/acme", "platform": platform},
    }
    asked = run(given, platform)
    assert {words[3] for words in asked if words[0] == "build"} == {platform}


def test_what_was_built_for_another_platform_is_not_pushed(
    run: Ask,
) -> None:
    """The classic builder takes a base that the engine has, whatever its platform is."""
    given = {
        "target": "kubernetes",
        "images": {"repository": "registry.example.com/acme", "platform": "linux/arm64"},
    }
    with pytest.raises(
        click.ClickException, match=r"was built for linux/amd64, and images\.platform"
    ):
        run(given)


def test_images_of_the_debian_catalogue_are_not_pushed_for_another_platform(
    run: Ask,
) -> None:
    given = {
        "target": "kubernetes",
        "registry": {"url": "localhost:5000"},
        "images": {"catalogue": "debian", "platform": "linux/arm64"},
    }
    with pytest.raises(SettingsError) as caught:
        run(given)
    assert [(each.path, each.found) for each in caught.value.problems] == [
        ("images.platform", "'linux/arm64'")
    ]
    assert "'linux/amd64' with images.catalogue: debian" in str(caught.value)


def test_the_platform_reaches_the_builder(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr("subprocess.run", lambda command, **_: commands.append(command))
    images._build("acme/web:1", ROOT / "images" / "web", "nginx:1", "linux/arm64")
    images._build("acme/web:1", ROOT / "images" / "web", "nginx:1", None)
    context = str(ROOT / "images" / "web")
    plain = ["docker", "build", "--quiet", "--build-arg", "BASE=nginx:1"]
    assert commands == [
        [*plain, "--platform", "linux/arm64", "--tag", "acme/web:1", context],
        [*plain, "--tag", "acme/web:1", context],
    ]


def test_images_of_the_debian_catalogue_go_to_the_registry_and_are_the_bases_there(
    run: Ask,
) -> None:
    asked = run(
        {
            "target": "kubernetes",
            "registry": {"url": "localhost:5000"},
            "images": {"catalogue": "debian"},
        }
    )
    local, there = "ai-platform/redis:7-debian12", "localhost:5000/ai-platform/redis:7-debian12"
    assert ("tag", local, there) in asked
    assert ("push", "--quiet", there) in asked
    bases = {words[2] for words in asked if words[0] == "build"}
    assert bases == {
        "localhost:5000/ai-platform/python:3.11-debian12",
        "localhost:5000/ai-platform/nginx:debian12",
    }
