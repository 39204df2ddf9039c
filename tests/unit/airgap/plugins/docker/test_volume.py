from __future__ import annotations

import json
from pathlib import Path

import pytest
from docker.errors import NotFound

from airgap.plugins.docker.volume import Volume
from airgap.plugins.resource import Live
from tests.unit.airgap.plugins.docker.conftest import RecordingEngine, quiet

CALLS = json.loads((Path(__file__).parents[1] / "recorded/docker-calls.json").read_text())["Volume"]
SHOWN = {
    "Name": "conf-vol",
    "Driver": "local",
    "Options": None,
    "Labels": {"a": "b"},
    "Mountpoint": "/var/lib/docker/volumes/conf-vol/_data",
}


@pytest.fixture
def volume(engine: RecordingEngine) -> Volume:
    engine.recording.create_volume.return_value = SHOWN
    engine.recording.inspect_volume.return_value = SHOWN
    return Volume(engine)


def test_a_creation_answers_as_recorded(volume: Volume, engine: RecordingEngine) -> None:
    response = CALLS["Create"]["response"]
    live = volume.create(CALLS["Create"]["request"]["properties"], quiet)
    assert live == Live(response["id"], response["properties"])
    engine.recording.create_volume.assert_called_once_with(
        "conf-vol", driver=None, driver_opts=None, labels={"a": "b"}
    )


def test_a_refresh_answers_as_recorded(volume: Volume) -> None:
    request, response = CALLS["Read"]["request"], CALLS["Read"]["response"]
    live = volume.read(Live(request["id"], request["properties"]))
    assert live == Live(response["id"], response["properties"])


def test_what_is_gone_is_nothing_and_is_removed(volume: Volume, engine: RecordingEngine) -> None:
    engine.recording.inspect_volume.side_effect = NotFound("gone")
    engine.recording.remove_volume.side_effect = NotFound("gone")
    assert volume.read(Live("v", {})) is None
    volume.delete(Live("v", {}))
