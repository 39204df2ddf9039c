"""What a container's life asks of the engine, in which order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from docker.errors import APIError, NotFound

from airgap.plugins.docker.container import Container
from airgap.plugins.resource import Failed, Incomplete, Live
from tests.unit.airgap.plugins.docker.conftest import RecordingEngine, quiet

RECORDED = Path(__file__).parents[1] / "recorded"
CALLS = json.loads((RECORDED / "docker-calls.json").read_text())["Container"]
INPUTS: dict[str, Any] = CALLS["Create"]["request"]["properties"]
CREATED = CALLS["Create"]["response"]
LIVE = Live(CREATED["id"], CREATED["properties"])


@pytest.fixture
def engine(engine: RecordingEngine) -> RecordingEngine:
    """The engine of the recordings."""
    info = json.loads((RECORDED / "engine-container.json").read_text())
    info["State"]["Health"] = {"Status": "healthy"}
    client = engine.recording
    client.inspect_container.return_value = info
    client.inspect_image.return_value = {"Id": INPUTS["image"]}
    client.create_container_from_config.return_value = {"Id": LIVE.id}
    client.logs.return_value = b"said\n"
    return engine


@pytest.fixture
def container(engine: RecordingEngine) -> Container:
    return Container(engine)


def test_it_is_connected_and_has_its_files_before_it_starts(
    container: Container, engine: RecordingEngine
) -> None:
    assert container.create(INPUTS, quiet) == LIVE
    assert engine.asked == [
        "create_container_from_config",
        "disconnect_container_from_network",
        "connect_container_to_network",
        "put_archive",
        "start",
    ]


def test_a_one_shot_is_waited_for_and_its_output_kept(
    container: Container, engine: RecordingEngine
) -> None:
    once = INPUTS | {"attach": True, "logs": True, "mustRun": False}
    assert container.create(once, quiet).outputs["containerLogs"] == "said\n"
    assert engine.asked[-3:] == ["start", "wait", "logs"]


def test_without_start_it_is_only_made(container: Container, engine: RecordingEngine) -> None:
    container.create(INPUTS | {"start": False}, quiet)
    assert "start" not in engine.asked


def test_a_container_that_cannot_start_is_incomplete_and_shown_as_it_is(
    container: Container, engine: RecordingEngine
) -> None:
    engine.recording.start.side_effect = APIError("", explanation="port is already allocated")
    info = engine.recording.inspect_container.return_value
    info["State"] |= {"Running": False}
    info["NetworkSettings"]["Ports"] = {}
    with pytest.raises(Incomplete, match=r"^Unable to start container: port is already") as failed:
        container.create(INPUTS, quiet)
    assert failed.value.live.id == LIVE.id
    outputs = failed.value.live.outputs
    assert (outputs["mustRun"], outputs["ports"]) == (False, [])
    assert {change.name for change in container.diff(outputs, INPUTS)} == {"mustRun", "ports"}


def test_an_engine_that_goes_away_leaves_what_was_asked_for_in_the_state(
    container: Container, engine: RecordingEngine
) -> None:
    engine.recording.start.side_effect = ConnectionResetError("gone")
    engine.recording.inspect_container.side_effect = ConnectionResetError("gone")
    with pytest.raises(Incomplete, match="gone") as failed:
        container.create(INPUTS, quiet)
    assert failed.value.live.outputs["name"] == INPUTS["name"]


def test_a_container_that_does_not_get_healthy_in_time_is_incomplete(
    container: Container, engine: RecordingEngine
) -> None:
    engine.recording.inspect_container.return_value["State"]["Health"]["Status"] = "starting"
    with pytest.raises(Incomplete, match=r"^container failed to be in healthy state$"):
        container.create(INPUTS | {"waitTimeout": 0.3}, quiet)


def test_waiting_without_a_health_check_is_an_error(
    container: Container, engine: RecordingEngine
) -> None:
    del engine.recording.inspect_container.return_value["State"]["Health"]
    with pytest.raises(Incomplete, match="does not have a healthcheck"):
        container.create(INPUTS, quiet)


def test_a_cancel_while_waiting_leaves_the_container_in_the_state(
    container: Container, engine: RecordingEngine
) -> None:
    engine.recording.inspect_container.return_value["State"]["Health"]["Status"] = "starting"
    engine.cancelled.set()
    with pytest.raises(Incomplete, match="cancelled"):
        container.create(INPUTS, quiet)


def test_limits_are_updated_together(container: Container, engine: RecordingEngine) -> None:
    news = INPUTS | {"memory": 256, "memorySwap": 256, "restart": "always"}
    outputs = container.update(LIVE, news, quiet)
    assert (outputs["memory"], outputs["restart"]) == (256, "always")
    engine.recording.update_container.assert_called_once_with(
        LIVE.id,
        restart_policy={"Name": "always", "MaximumRetryCount": 0},
        cpu_shares=0,
        cpuset_cpus="",
        mem_limit=256 * 2**20,
        mem_reservation=0,
        memswap_limit=256 * 2**20,
    )


@pytest.mark.parametrize("change", [{"init": False}, {"tmpfs": {}}, {"waitTimeout": 90}])
def test_other_updates_change_the_state_only(
    container: Container, engine: RecordingEngine, change: dict[str, Any]
) -> None:
    outputs = container.update(LIVE, INPUTS | change, quiet)
    assert outputs == LIVE.outputs | change
    assert engine.asked == []


def test_a_container_that_must_run_again_is_started(
    container: Container, engine: RecordingEngine
) -> None:
    stopped = Live(LIVE.id, LIVE.outputs | {"mustRun": False})
    container.update(stopped, INPUTS, quiet)
    assert engine.asked == ["start"]


def test_it_is_stopped_with_its_grace_and_then_removed(
    container: Container, engine: RecordingEngine
) -> None:
    container.delete(LIVE)
    engine.recording.stop.assert_called_once_with(LIVE.id, timeout=10)
    engine.recording.remove_container.assert_called_once_with(LIVE.id, v=True, force=True)


def test_a_one_shot_is_removed_without_a_stop(
    container: Container, engine: RecordingEngine
) -> None:
    container.delete(Live(LIVE.id, LIVE.outputs | {"attach": True, "removeVolumes": False}))
    assert engine.asked == ["remove_container"]
    engine.recording.remove_container.assert_called_once_with(LIVE.id, v=False, force=True)


def test_removing_what_is_gone_succeeds(container: Container, engine: RecordingEngine) -> None:
    engine.recording.stop.side_effect = NotFound("no such container")
    container.delete(LIVE)
    assert engine.asked == ["stop"]


def test_a_container_that_removes_itself_is_waited_for(
    container: Container, engine: RecordingEngine
) -> None:
    removing = APIError("", explanation="removal of container c is already in progress")
    engine.recording.remove_container.side_effect = removing
    engine.recording.inspect_container.side_effect = [{}, NotFound("gone")]
    container.delete(LIVE)
    assert engine.recording.inspect_container.call_count == 2


def test_a_removal_that_the_engine_refuses_is_an_error(
    container: Container, engine: RecordingEngine
) -> None:
    engine.recording.remove_container.side_effect = APIError("", explanation="device busy")
    with pytest.raises(Failed, match=r"Error deleting container .*: device busy"):
        container.delete(LIVE)


def test_a_container_that_is_gone_is_nothing(container: Container, engine: RecordingEngine) -> None:
    engine.recording.inspect_container.side_effect = NotFound("gone")
    assert container.read(LIVE) is None
