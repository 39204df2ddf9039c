"""What the engine says of a container becomes the outputs that were recorded."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from airgap.plugins.docker.container_fields import TABLE
from airgap.plugins.docker.container_state import observed
from airgap.plugins.schema import plan

RECORDED = Path(__file__).parents[1] / "recorded"
CALLS = json.loads((RECORDED / "docker-calls.json").read_text())["Container"]
CREATED = CALLS["Create"]["response"]["properties"]


@pytest.fixture
def info() -> Any:
    """`docker inspect` of the recorded container, from engine 20.10."""
    return json.loads((RECORDED / "engine-container.json").read_text())


def test_a_creation_answers_as_recorded(info: Any) -> None:
    planned = plan(TABLE, CALLS["Create"]["request"]["properties"])
    assert observed(info, planned) == CREATED


def test_an_update_answers_as_recorded() -> None:
    request = CALLS["Update"]["request"]
    planned = plan(TABLE, request["news"], request["olds"])
    assert without_nothing(planned) == without_nothing(CALLS["Update"]["response"]["properties"])


def test_a_stopped_container_shows_that_it_must_run_and_lost_its_ports(info: Any) -> None:
    info["State"] |= {"Running": False, "ExitCode": 137}
    info["NetworkSettings"]["Ports"] = {}
    expected = CREATED | {"mustRun": False, "ports": [], "exitCode": 137}
    assert observed(info, CREATED) == expected


def test_a_container_that_need_not_run_keeps_its_ports_when_it_ended(info: Any) -> None:
    info["State"] |= {"Running": False, "ExitCode": 0}
    info["NetworkSettings"]["Ports"] = {}
    outputs = CREATED | {"mustRun": False}
    assert observed(info, outputs) == outputs | {"exitCode": 0}


def test_what_was_changed_by_hand_shows(info: Any) -> None:
    host = info["HostConfig"]
    host |= {"Memory": 256 * 2**20, "MemorySwap": -1, "CpusetCpus": "0", "CpuShares": 512}
    host["RestartPolicy"] = {"Name": "on-failure", "MaximumRetryCount": 3}
    changed = observed(info, CREATED)
    assert {name: changed[name] for name in changed if changed[name] != CREATED[name]} == {
        "memory": 256,
        "memorySwap": -1,
        "cpuSet": "0",
        "cpuShares": 512,
        "restart": "on-failure",
        "maxRetryCount": 3,
    }


@pytest.mark.parametrize(
    ("nano", "text"),
    [(500_000_000, "0.5"), (10**9, "1.0"), (250_000_000, "0.25"), (10**10, "10.0")],
)
def test_a_share_of_processors_has_one_spelling(info: Any, nano: int, text: str) -> None:
    info["HostConfig"]["NanoCpus"] = nano
    assert observed(info, CREATED)["cpus"] == text


def test_capabilities_are_as_the_engine_spells_them(info: Any) -> None:
    info["HostConfig"]["CapAdd"] = ["CAP_CHOWN"]
    assert observed(info, CREATED)["capabilities"] == {"adds": ["CAP_CHOWN"], "drops": ["ALL"]}


def test_ports_come_in_the_order_of_their_numbers(info: Any) -> None:
    ports = {
        "9000/tcp": [{"HostIp": "127.0.0.1", "HostPort": "1"}],
        "80/udp": [{"HostIp": "127.0.0.1", "HostPort": "2"}],
        "70/tcp": None,
    }
    info["NetworkSettings"]["Ports"] = ports
    found = observed(info, copy.deepcopy(CREATED))["ports"]
    assert [(port["internal"], port["external"], port["protocol"]) for port in found] == [
        (80, 2, "udp"),
        (9000, 1, "tcp"),
    ]


def without_nothing(value: Any) -> Any:
    """The official plugin answers null or zero for one nothing, depending on the call."""
    if isinstance(value, dict):
        return {name: without_nothing(item) for name, item in value.items() if item}
    return [without_nothing(item) for item in value] if isinstance(value, list) else value
