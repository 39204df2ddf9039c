from __future__ import annotations

import json
from pathlib import Path

import pytest
from docker.errors import NotFound

from airgap.plugins.docker.remote_image import RemoteImage
from airgap.plugins.resource import Failed, Live
from tests.unit.airgap.plugins.docker.conftest import RecordingEngine, quiet

RECORDED = Path(__file__).parents[1] / "recorded"
CALLS = json.loads((RECORDED / "docker-calls.json").read_text())["RemoteImage"]
CREATED = CALLS["Create"]["response"]
INPUTS = CALLS["Create"]["request"]["properties"]
LIVE = Live(CREATED["id"], CREATED["properties"])
SHOWN = {
    "Id": CREATED["properties"]["imageId"],
    "RepoDigests": [CREATED["properties"]["repoDigest"]],
}


@pytest.fixture
def image(engine: RecordingEngine) -> RemoteImage:
    engine.recording.inspect_image.return_value = SHOWN
    return RemoteImage(engine)


def test_an_image_that_the_engine_has_is_not_pulled(
    image: RemoteImage, engine: RecordingEngine
) -> None:
    assert image.create(INPUTS, quiet) == LIVE
    assert engine.asked == []


def test_a_refresh_answers_as_recorded(image: RemoteImage) -> None:
    assert image.read(LIVE) == LIVE


def test_an_image_that_the_engine_lacks_is_pulled_with_the_registrys_credentials(
    image: RemoteImage, engine: RecordingEngine
) -> None:
    login = {"username": "u", "password": "p"}
    engine.configure({"registryAuth": [{"address": "docker.io", **login}]})
    engine.recording.inspect_image.side_effect = [NotFound("none"), SHOWN, SHOWN]
    engine.recording.pull.return_value = [{"status": "Pulling"}, {"status": "Done"}]
    assert image.create(INPUTS, quiet) == LIVE
    (repository,), asked = engine.recording.pull.call_args
    assert (repository, asked["tag"], asked["auth_config"]) == ("redis", "7", login)


def test_an_image_that_is_nowhere_is_named(image: RemoteImage, engine: RecordingEngine) -> None:
    engine.recording.inspect_image.side_effect = NotFound("none")
    engine.recording.pull.return_value = [{"error": "manifest unknown"}]
    with pytest.raises(Failed, match="unable to pull image redis:7: manifest unknown"):
        image.create(INPUTS, quiet)


def test_an_image_stays_when_it_is_kept_locally(
    image: RemoteImage, engine: RecordingEngine
) -> None:
    image.delete(LIVE)
    assert engine.asked == []


def test_an_image_is_removed_by_name_when_it_is_not_kept(
    image: RemoteImage, engine: RecordingEngine
) -> None:
    image.delete(Live(LIVE.id, LIVE.outputs | {"keepLocally": False, "forceRemove": True}))
    engine.recording.remove_image.assert_called_once_with("redis:7", force=True)


def test_what_is_gone_is_nothing_and_is_removed(
    image: RemoteImage, engine: RecordingEngine
) -> None:
    engine.recording.inspect_image.side_effect = NotFound("gone")
    assert image.read(LIVE) is None
    image.delete(Live(LIVE.id, LIVE.outputs | {"keepLocally": False}))
    assert engine.asked == []
