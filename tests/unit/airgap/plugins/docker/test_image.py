from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from airgap.plugins.checks import Failure
from airgap.plugins.differences import Change
from airgap.plugins.docker.engine import Engine
from airgap.plugins.docker.image import Image
from airgap.plugins.resource import Failed
from airgap.plugins.values import UNKNOWN, Secret, reveal
from tests.unit.airgap.plugins.docker.conftest import RecordingEngine, quiet


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Image:
    (tmp_path / "ctx").mkdir()
    (tmp_path / "ctx/Dockerfile").write_text("FROM scratch\n")
    monkeypatch.chdir(tmp_path)
    return Image(Engine())


def inputs(**build: Any) -> dict[str, Any]:
    return {"imageName": "i", "skipPush": True, "build": {"context": "ctx", **build}}


def test_a_changed_file_is_a_changed_input(image: Image, tmp_path: Path) -> None:
    first, _ = image.check(inputs())
    (tmp_path / "ctx/new").touch()
    second, _ = image.check(inputs())
    assert first["build"]["contextDigest"] != second["build"]["contextDigest"]


def test_a_secret_build_argument_stays_secret(image: Image) -> None:
    checked, failures = image.check(inputs(args=Secret({"A": "1"})))
    assert failures == []
    assert checked["build"]["args"] == Secret({"A": "1"})


def test_a_context_that_a_preview_does_not_know_has_no_digest(image: Image) -> None:
    checked, failures = image.check(inputs(context=UNKNOWN))
    assert failures == []
    assert "contextDigest" not in checked["build"]


@pytest.mark.parametrize(
    ("news", "failure"),
    [
        (inputs(context="nowhere"), Failure("build.context", "there is no directory nowhere")),
        (
            inputs(dockerfile="Dockerfile"),
            Failure("build.dockerfile", 'could not open dockerfile at relative path "Dockerfile"'),
        ),
        (
            inputs() | {"buildOnPreview": True},
            Failure("buildOnPreview", "this stand-in does not build in a preview"),
        ),
        (
            inputs(cacheFrom={"images": ["i"]}),
            Failure("build.cacheFrom", "this stand-in does not implement the property"),
        ),
        (
            inputs(builderVersion="BuilderBuildKit"),
            Failure("build.builderVersion", "expected a text that matches BuilderV1"),
        ),
    ],
)
def test_what_it_cannot_build_is_refused(
    image: Image, news: dict[str, Any], failure: Failure
) -> None:
    assert image.check(news)[1] == [failure]


def test_every_change_builds_in_place_and_a_login_is_no_change(image: Image) -> None:
    before = {"imageName": "i", "registry": {"server": "r", "password": "old"}, "skipPush": True}
    after = {"imageName": "j", "registry": {"server": "r", "password": "new"}, "build": {}}
    assert image.diff({"__inputs": before}, after) == [
        Change("build", "ADD"),
        Change("imageName", "UPDATE"),
        Change("skipPush", "DELETE"),
    ]
    assert image.diff({"__inputs": before}, before | {"registry": {"server": "s"}}) == [
        Change("registry", "UPDATE")
    ]


def test_a_preview_touches_nothing_and_knows_no_digest(image: Image) -> None:
    assert image.preview_create(inputs()) == inputs()
    assert image.preview_update({"repoDigest": "old"}, inputs()) == inputs()


def test_a_build_answers_as_recorded(image: Image, engine: RecordingEngine) -> None:
    made = Image(engine)
    engine.recording.build.return_value = [{"stream": "one line\n"}, {"aux": {"ID": "sha256:a"}}]
    engine.recording.inspect_image.return_value = {"Id": "sha256:a"}
    checked = reveal(image.check(inputs(args={"BASE": "b"}))[0])
    lines: list[str] = []
    live = made.create(checked, lines.append)
    assert lines == ["one line"]
    assert live.id == "i"
    assert live.outputs == {
        "__inputs": Secret(checked),
        "baseImageName": "i",
        "context": "ctx",
        "dockerfile": "Dockerfile",
        "imageName": "i",
        "platform": checked["build"]["platform"],
        "registryServer": "",
        "repoDigest": "sha256:a",
    }
    asked = engine.recording.build.call_args.kwargs
    assert (asked["tag"], asked["buildargs"]) == ("i", {"BASE": "b"})


def test_of_a_build_it_shows_the_steps_that_it_takes(image: Image, engine: RecordingEngine) -> None:
    said = (
        *("Step 1/3 : FROM base\n", " ---> 0a1b2c\n"),
        *("Step 2/3 : COPY a b\n", " ---> Using cache\n", " ---> 1a1b2c\n"),
        *("Step 3/3 : RUN make\n", " ---> Running in 2a1b2c\n", "made\n"),
        *("Removing intermediate container 2a1b2c\n", " ---> 3a1b2c\n"),
        *("Successfully built 3a1b2c\n",),
    )
    engine.recording.build.return_value = [{"stream": line} for line in said]
    engine.recording.inspect_image.return_value = {"Id": "sha256:a"}
    lines: list[str] = []
    Image(engine).create(reveal(image.check(inputs())[0]), lines.append)
    assert lines == [
        "Step 1/3 : FROM base",
        "Step 3/3 : RUN make",
        "made",
        "Successfully built 3a1b2c",
    ]


def test_a_push_answers_the_registrys_digest(image: Image, engine: RecordingEngine) -> None:
    made = Image(engine)
    engine.recording.build.return_value = []
    engine.recording.inspect_image.return_value = {"Id": "sha256:a"}
    engine.recording.push.return_value = [{"status": "Pushed"}, {"aux": {"Digest": "sha256:b"}}]
    registry = {"server": "r.example", "username": "u", "password": "p"}
    news = inputs() | {"imageName": "r.example/a:1", "skipPush": False, "registry": registry}
    live = made.create(reveal(image.check(news)[0]), quiet)
    assert live.outputs["repoDigest"] == "r.example/a@sha256:b"
    assert live.outputs["registryServer"] == "r.example"
    login = {"username": "u", "password": "p"}
    assert engine.recording.push.call_args.kwargs["auth_config"] == login


def test_a_build_that_fails_repeats_its_last_lines(image: Image, engine: RecordingEngine) -> None:
    made = Image(engine)
    engine.recording.build.return_value = [{"stream": "the reason"}, {"error": "code 1"}]
    with pytest.raises(Failed, match="Unable to build image i:\nthe reason\ncode 1"):
        made.create(reveal(image.check(inputs())[0]), quiet)
