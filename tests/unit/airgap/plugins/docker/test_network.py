from __future__ import annotations

import json
from pathlib import Path

import pytest
from docker.errors import APIError, NotFound

from airgap.plugins.docker.network import Network
from airgap.plugins.resource import Failed, Live
from tests.unit.airgap.plugins.docker.conftest import RecordingEngine, quiet

CALLS = json.loads((Path(__file__).parents[1] / "recorded/docker-calls.json").read_text())[
    "Network"
]
CREATED = CALLS["Create"]["response"]
SHOWN = {
    "Id": CREATED["id"],
    "Name": "conf-net",
    "Attachable": False,
    "Driver": "bridge",
    "Ingress": False,
    "Internal": False,
    "EnableIPv6": False,
    "Labels": {},
    "Options": {},
    "Scope": "local",
    "IPAM": {
        "Driver": "default",
        "Options": None,
        "Config": [{"Subnet": "172.19.0.0/16", "Gateway": "172.19.0.1"}],
    },
}
"""What engine 20.10 says of the recorded network."""


@pytest.fixture
def network(engine: RecordingEngine) -> Network:
    engine.recording.create_network.return_value = {"Id": CREATED["id"]}
    engine.recording.inspect_network.return_value = SHOWN
    return Network(engine)


def test_a_creation_answers_as_recorded(network: Network) -> None:
    live = network.create(CALLS["Create"]["request"]["properties"], quiet)
    assert live == Live(CREATED["id"], CREATED["properties"])


def test_a_refresh_answers_as_recorded(network: Network) -> None:
    request, response = CALLS["Read"]["request"], CALLS["Read"]["response"]
    live = network.read(Live(request["id"], request["properties"]))
    assert live == Live(response["id"], response["properties"])


def test_addresses_and_options_reach_the_engine(network: Network, engine: RecordingEngine) -> None:
    inputs = {
        "name": "n",
        "ipamDriver": "default",
        "ipamConfigs": [{"subnet": "10.9.0.0/24", "auxAddress": {"router": "10.9.0.9"}}],
        "internal": True,
        "ipv6": True,
        "attachable": True,
        "options": {"com.docker.network.bridge.name": "x"},
        "labels": [{"label": "a", "value": "b"}],
    }
    network.create(inputs, quiet)
    (name,), asked = engine.recording.create_network.call_args
    assert name == "n"
    assert asked["internal"]
    assert asked["enable_ipv6"]
    assert asked["attachable"]
    assert asked["labels"] == {"a": "b"}
    assert asked["options"] == {"com.docker.network.bridge.name": "x"}
    assert asked["ipam"]["Config"][0]["Subnet"] == "10.9.0.0/24"
    assert asked["ipam"]["Config"][0]["AuxiliaryAddresses"] == {"router": "10.9.0.9"}


def test_removal_waits_for_the_last_container(network: Network, engine: RecordingEngine) -> None:
    busy = APIError("", explanation="network n has active endpoints")
    engine.recording.remove_network.side_effect = [busy, None]
    network.delete(Live("i", {}))
    assert engine.recording.remove_network.call_count == 2


def test_what_is_gone_is_nothing_and_is_removed(network: Network, engine: RecordingEngine) -> None:
    engine.recording.inspect_network.side_effect = NotFound("gone")
    engine.recording.remove_network.side_effect = NotFound("gone")
    assert network.read(Live("i", {})) is None
    network.delete(Live("i", {}))


def test_a_refused_network_says_why(network: Network, engine: RecordingEngine) -> None:
    refused = APIError("", explanation="Pool overlaps with other one on this address space")
    engine.recording.create_network.side_effect = refused
    with pytest.raises(Failed, match="Unable to create network: Pool overlaps"):
        network.create(CALLS["Create"]["request"]["properties"], quiet)
