"""`make up` of a stack that has data, or what a killed update left."""

import json
from pathlib import Path

import click
import pytest

from operations import (
    up,
)
from tests.unit.operations.conftest import OPTIONS, OUTPUTS, program, pulumi_calls


def with_data(machine: Path, preview: str) -> Path:
    """A stack that has data, and what a preview of it does."""
    kept = {"urn": "urn:pulumi:dev::p::docker:index/volume:Volume::volume-reports-data"}
    network = {"urn": "urn:pulumi:dev::p::docker:index/network:Network::edge", "id": "edge-id"}
    resources = [kept | {"id": "reports-data", "protect": True}, network]
    deployment = {"deployment": {"resources": resources}}
    (machine / "state").write_text(json.dumps(deployment))
    script = f"""case $* in
        *output*) echo '{OUTPUTS}';;
        *export*) cat {machine}/state;;
        *preview*) {preview};;
        esac"""
    return program(machine, "pulumi", script)


def test_a_stack_with_data_is_previewed_first(machine: Path, completed: list[str]) -> None:
    with_data(machine, "echo '{\"steps\": []}'")
    up.up("dev")
    assert pulumi_calls(machine)[2:4] == [
        "preview --json --stack dev --show-sames",
        f"up {OPTIONS} --refresh --run-program --stack dev",
    ]


def test_an_update_that_would_lose_data_is_refused(machine: Path, completed: list[str]) -> None:
    with_data(machine, "echo 'volume-reports-data is protected'; false")
    with pytest.raises(click.ClickException, match="volume-reports-data is protected") as raised:
        up.up("dev")
    assert "nothing was changed" in raised.value.message
    assert not [call for call in pulumi_calls(machine) if call.startswith("up ")]


def test_data_that_the_stack_file_no_longer_has_is_named_with_its_verb(
    machine: Path, completed: list[str]
) -> None:
    urn = "urn:pulumi:dev::p::docker:index/volume:Volume::volume-reports-data"
    steps = {"steps": [{"op": "delete", "urn": urn, "oldState": {"urn": urn, "type": "x"}}]}
    second = f"*ignore-protect*) echo '{json.dumps(steps)}'"
    first = """*) echo 'resource cannot be deleted because it is protected'; false"""
    with_data(machine, f"case $* in {second};; {first};; esac")
    with pytest.raises(click.ClickException) as raised:
        up.up("dev")
    assert raised.value.message == (
        "The stack file of dev no longer has the volume reports-data. An update does not remove "
        "data and its secrets. Nothing was changed. Put back what needs them, or give them up for "
        "good, each by its name:\n  make drop-volume STACK=dev VOLUME=reports-data"
    )


def test_containers_that_a_killed_update_left_are_removed_before_the_next_one(
    machine: Path, completed: list[str]
) -> None:
    """They keep their names, so that the update could not create them."""
    with_data(machine, "echo '{\"steps\": []}'")
    docker = program(
        machine,
        "docker",
        """case "$1 $2" in
        *" ls") echo one;;
        "container inspect") echo '[{"Name": "/ai-platform-dev-redis", "Id": "not-in-the-state"}]';;
        "network inspect") echo '[{"Name": "ai-platform-dev-edge", "Id": "edge-id"}]';;
        "volume inspect") echo '[]';;
        esac""",
    )
    up.up("dev")
    changes = [
        line for line in docker.read_text().splitlines() if line.split()[0] in ("stop", "rm")
    ]
    assert changes == ["stop ai-platform-dev-redis", "rm --volumes ai-platform-dev-redis"]


def test_the_engine_is_asked_before_the_state_is_read(machine: Path, completed: list[str]) -> None:
    """Another update may create a container in between, which must not count as left behind."""
    with_data(machine, "echo '{\"steps\": []}'")
    docker = program(
        machine,
        "docker",
        f"""cd {machine}
        case "$1 $2" in
        *" ls") echo one;;
        "container inspect") cp after state; echo '[{{"Name": "/a", "Id": "a"}}]';;
        "network inspect") echo '[{{"Name": "ai-platform-dev-edge", "Id": "edge-id"}}]';;
        "volume inspect") echo '[]';;
        esac""",
    )
    state = json.loads((machine / "state").read_text())
    state["deployment"]["resources"].append({"urn": "urn:pulumi:dev::p::x::a", "id": "a"})
    (machine / "after").write_text(json.dumps(state))
    up.up("dev")
    assert not [line for line in docker.read_text().splitlines() if line.startswith("rm ")]
