"""What an image is built from."""

from pathlib import Path
from typing import Any

import pytest

from components.settings import BuildContext, build_context
from tests.unit.components.settings.refusals import paths, refusal, service
from tests.unit.describing import settings

BUILD = "api.services.reports.build"


def build(context: Any, **more: str) -> dict[str, Any]:
    return service(image=None, build={"context": context, **more} if more else context)


def test_a_directory_is_short_for_a_dockerfile_in_it() -> None:
    reports = settings(build("images/web")).api.services["reports"]
    assert reports.build == BuildContext(context="images/web", dockerfile="Dockerfile")


def test_two_images_may_share_a_directory() -> None:
    assert paths(build("images/services", dockerfile="decision.Dockerfile")) == []


@pytest.mark.parametrize("context", ["..", "images/../..", "/tmp", "~/images"])
def test_the_directory_must_be_inside_the_repository(context: str) -> None:
    assert paths(build(context)) == [BUILD]


def test_a_missing_directory_is_reported_with_the_nearest_one() -> None:
    message = refusal(build("images/service"))
    assert f"{BUILD}\n  found    'images/service'" in message
    assert "a directory that exists" in message
    assert "nearest  images/services" in message


def test_a_missing_dockerfile_is_reported_with_the_nearest_one() -> None:
    message = refusal(build("images/services", dockerfile="apis.Dockerfile"))
    assert f"{BUILD}\n  found    'images/services/apis.Dockerfile'" in message
    assert "a Dockerfile that exists in images/services" in message
    assert "nearest  images/services/api.Dockerfile" in message
    assert "found    'images/services/Dockerfile'" in refusal(build("images/services"))


@pytest.mark.parametrize("dockerfile", ["../web/Dockerfile", "/etc/hosts"])
def test_the_dockerfile_must_be_inside_the_directory(dockerfile: str) -> None:
    message = refusal(build("images/services", dockerfile=dockerfile))
    assert f"{BUILD}\n  found    '{dockerfile}'" in message
    assert "a Dockerfile inside images/services" in message


def test_a_link_must_not_lead_out_of_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    for directory in (root / "inside", outside):
        directory.mkdir(parents=True)
        (directory / "Dockerfile").touch()
    (root / "link").symlink_to(outside)
    (root / "inside" / "linked").symlink_to(outside / "Dockerfile")
    monkeypatch.setattr(build_context, "ROOT", root)

    def refused(source: BuildContext) -> list[str | None]:
        return [problem.found for problem in build_context.rules("build", source)]

    assert refused(BuildContext(context="inside")) == []
    assert refused(BuildContext(context="link")) == ["'link'"]
    assert refused(BuildContext(context="inside", dockerfile="linked")) == ["'linked'"]


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        (3, BUILD),
        ({"dockerfile": "Dockerfile"}, f"{BUILD}.context"),
        ({"context": "images/web", "file": "Dockerfile"}, f"{BUILD}.file"),
    ],
)
def test_other_values_are_rejected(wrong: Any, path: str) -> None:
    assert path in paths(service(image=None, build=wrong))
