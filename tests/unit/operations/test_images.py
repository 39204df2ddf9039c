"""The verb `images` builds the images that a stack builds from source."""

from collections.abc import Callable
from typing import Any

import click
import pytest

from airgap import engine_images
from components.catalogue import Catalogue
from components.settings import BuildContext, SettingsError
from operations import images
from tests.unit.describing import ROOT, settings

Calls = list[tuple[Any, ...]]
Run = Callable[..., Calls]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """The calls of Docker for a stack of these settings.

    A build is `build REFERENCE BASE PLATFORM`. The engine's platform is linux/amd64, but it builds
    images for `image_platform`.
    """

    def run(values: dict[str, Any], image_platform: str = "linux/amd64") -> Calls:
        calls: Calls = []
        monkeypatch.setattr("operations.stack_file.settings", lambda workspace: settings(values))

        def docker(*words: str) -> str:
            calls.append(words)
            return f"{image_platform if words[0] == 'image' else 'linux/amd64'}\n"

        monkeypatch.setattr(images, "docker", docker)
        monkeypatch.setattr(
            engine_images, "push", lambda reference: calls.append(("push", reference))
        )
        monkeypatch.setattr("airgap.images.ensure", lambda report, variants: None)
        monkeypatch.setattr("airgap.wheels.download", lambda *_: None)
        monkeypatch.setattr(
            images,
            "_build",
            lambda name, build, platform: calls.append(("build", name, build.base, platform)),
        )
        images.images("any")
        return calls

    return run


def test_everything_that_is_built_has_a_dockerfile() -> None:
    builds = images.builds(settings(), Catalogue(settings()))
    dockerfiles = {f"{build.context}/{build.dockerfile}" for build in builds}
    assert dockerfiles == {
        "images/backup/Dockerfile",
        "images/services/api.Dockerfile",
        "images/services/decision.Dockerfile",
        "images/web/Dockerfile",
    }
    assert all((ROOT / path).is_file() for path in dockerfiles)


def test_the_image_of_the_backup_part_is_built_where_it_runs_and_the_settings_have_none() -> None:
    own = {"images": {"references": {"backup": "acme/backup:1"}}}
    for values in ({"data": {"backup": False}}, own):
        stack = settings(values)
        contexts = {build.context for build in images.builds(stack, Catalogue(stack))}
        assert contexts == {"images/services", "images/web"}
    assert Catalogue(settings(own)).backup().reference == "acme/backup:1"


def test_images_for_docker_are_built_and_not_pushed(run: Run) -> None:
    calls = run({})
    assert [words[0] for words in calls] == ["build"] * 4
    assert all(words[1].startswith("ai-platform/") for words in calls)
    assert {words[3] for words in calls} == {None}


def test_images_for_a_cluster_are_pushed_with_the_reference_that_it_pulls(
    run: Run,
) -> None:
    values = {"target": "kubernetes", "images": {"repository": "registry.example.com/acme"}}
    calls = run(values)
    references = [words[1] for words in calls if words[0] == "build"]
    assert [words[-1] for words in calls if words[0] == "push"] == references
    catalogue = Catalogue(settings(values))
    builds = images.builds(settings(values), catalogue)
    web = next(build for build in builds if build.context == "images/web")
    assert catalogue.pushed(web) in references


@pytest.mark.parametrize("platform", ["linux/amd64", "linux/arm64"])
def test_images_for_a_cluster_are_built_for_the_nodes_platform(run: Run, platform: str) -> None:
    values = {
        "target": "kubernetes",
        "images": {"repository": "registry.example.com/acme", "platform": platform},
    }
    calls = run(values, platform)
    assert {words[3] for words in calls if words[0] == "build"} == {platform}


def test_an_image_for_another_platform_is_not_pushed(
    run: Run,
) -> None:
    """The classic builder uses a base image that the engine has, even for another platform."""
    values = {
        "target": "kubernetes",
        "images": {"repository": "registry.example.com/acme", "platform": "linux/arm64"},
    }
    with pytest.raises(
        click.ClickException, match=r"was built for linux/amd64, but images\.platform"
    ):
        run(values)


def test_images_of_the_debian_catalogue_are_not_pushed_for_another_platform(
    run: Run,
) -> None:
    values = {
        "target": "kubernetes",
        "registry": {"url": "localhost:5000"},
        "images": {"catalogue": "debian", "platform": "linux/arm64"},
    }
    with pytest.raises(SettingsError) as caught:
        run(values)
    assert [(problem.path, problem.found) for problem in caught.value.problems] == [
        ("images.platform", "'linux/arm64'")
    ]
    assert "'linux/amd64' with images.catalogue: debian" in str(caught.value)


def test_the_dockerfile_and_the_platform_reach_the_builder(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr("subprocess.run", lambda command, **_: commands.append(command))
    source = BuildContext(context="images/services", dockerfile="api.Dockerfile")
    build = Catalogue(settings()).build("backend", source, "python")
    images._build("acme/api:1", build, "linux/arm64")
    images._build("acme/api:1", build, None)
    context = ROOT / "images" / "services"
    plain = ["docker", "build", "--quiet", "--build-arg", f"BASE={build.base}"]
    end = ["--file", str(context / "api.Dockerfile"), "--tag", "acme/api:1", str(context)]
    assert commands == [[*plain, "--platform", "linux/arm64", *end], [*plain, *end]]


def test_images_of_the_debian_catalogue_are_pushed_and_are_the_base_images(
    run: Run,
) -> None:
    calls = run(
        {
            "target": "kubernetes",
            "registry": {"url": "localhost:5000"},
            "images": {"catalogue": "debian"},
        }
    )
    local, pushed = "ai-platform/redis:7-debian12", "localhost:5000/ai-platform/redis:7-debian12"
    assert ("tag", local, pushed) in calls
    assert ("push", pushed) in calls
    assert not any("postgres:17" in word for words in calls for word in words if word)
    bases = {words[2] for words in calls if words[0] == "build"}
    assert bases == {
        "localhost:5000/ai-platform/python:3.11-debian12",
        "localhost:5000/ai-platform/nginx:debian12",
        "localhost:5000/ai-platform/postgres:15-debian12",
    }


def test_a_newer_server_is_pushed_beside_the_one_that_it_replaces(run: Run) -> None:
    calls = run(
        {
            "target": "kubernetes",
            "registry": {"url": "localhost:5000"},
            "images": {"catalogue": "debian"},
            "data": {"version": 17},
        }
    )
    tags = {words[1]: words[2] for words in calls if words[0] == "tag" and "postgres:" in words[1]}
    assert tags == {
        f"ai-platform/postgres:{tag}": f"localhost:5000/ai-platform/postgres:{tag}"
        for tag in ("15-debian12", "17-debian13")
    }
