from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from airgap.plugins.checks import check
from airgap.plugins.docker.container_config import config
from airgap.plugins.docker.container_fields import TABLE

RECORDED = Path(__file__).parents[1] / "recorded"
GIVEN = {
    "image": "i",
    "name": "n",
    "mounts": [
        {"type": "bind", "source": "/h", "target": "/m", "readOnly": True},
        {"type": "tmpfs", "target": "/t", "tmpfsOptions": {"sizeBytes": 9, "mode": 0o1777}},
        {"type": "bind", "source": "/h", "target": "/p", "bindOptions": {"propagation": "rslave"}},
    ],
    "volumes": [{"containerPath": "/h", "hostPath": "/tmp", "readOnly": True}],
    "ports": [{"internal": 80}, {"internal": 53, "external": 5300, "protocol": "udp"}],
    "hosts": [{"host": "a", "ip": "10.0.0.1"}],
    "ulimits": [{"name": "nofile", "soft": 1, "hard": 2}],
    "memorySwap": -1,
    "memoryReservation": 32,
    "maxRetryCount": 3,
    "restart": "on-failure",
    "sysctls": {"net.core.somaxconn": "1024"},
    "dns": ["1.1.1.1"],
    "groupAdds": ["5"],
    "capabilities": {"adds": ["CAP_CHOWN"]},
    "tty": True,
    "stdinOpen": True,
    "rm": True,
    "domainname": "d",
    "workingDir": "/w",
    "entrypoints": ["e"],
    "cpuSet": "0",
    "cpuShares": 512,
    "readOnly": True,
}


def body(given: dict[str, Any]) -> dict[str, Any]:
    inputs, failures = check(TABLE, given)
    assert failures == []
    return config(inputs)


def test_the_recorded_container_is_asked_for_as_the_engine_then_shows_it() -> None:
    calls = json.loads((RECORDED / "docker-calls.json").read_text())["Container"]
    shown = json.loads((RECORDED / "engine-container.json").read_text())
    asked = config(calls["Create"]["request"]["properties"])
    for whole, part in ((shown["Config"], asked), (shown["HostConfig"], asked["HostConfig"])):
        for name in part.keys() & whole.keys():
            expected = without_nothing(whole[name])
            assert without_nothing(part[name]) == expected, name


def test_every_other_property_has_its_place_in_the_request() -> None:
    asked = body(GIVEN)
    host = asked.pop("HostConfig")
    assert without_nothing(asked) == {
        "Image": "i",
        "Domainname": "d",
        "WorkingDir": "/w",
        "Entrypoint": ["e"],
        "Tty": True,
        "OpenStdin": True,
        "ExposedPorts": {"80/tcp": {}, "53/udp": {}},
        "Volumes": {"/h": {}},
    }
    assert without_nothing(host) == {
        "NetworkMode": "bridge",
        "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3},
        "AutoRemove": True,
        "ReadonlyRootfs": True,
        "CapAdd": ["CAP_CHOWN"],
        "GroupAdd": ["5"],
        "Sysctls": {"net.core.somaxconn": "1024"},
        "Ulimits": [{"Name": "nofile", "Soft": 1, "Hard": 2}],
        "MemoryReservation": 32 * 2**20,
        "MemorySwap": -1,
        "CpuShares": 512,
        "CpusetCpus": "0",
        "Binds": ["/tmp:/h:ro"],
        "Mounts": [
            {"Type": "bind", "Source": "/h", "Target": "/m", "ReadOnly": True},
            {"Type": "tmpfs", "Target": "/t", "TmpfsOptions": {"SizeBytes": 9, "Mode": 0o1777}},
            {
                "Type": "bind",
                "Source": "/h",
                "Target": "/p",
                "BindOptions": {"Propagation": "rslave"},
            },
        ],
        "Dns": ["1.1.1.1"],
        "ExtraHosts": ["a:10.0.0.1"],
        "PortBindings": {
            "80/tcp": [{"HostIp": "0.0.0.0"}],
            "53/udp": [{"HostIp": "0.0.0.0", "HostPort": "5300"}],
        },
    }


def test_no_container_is_privileged_or_shares_the_hosts_namespaces() -> None:
    refused = {"privileged": True, "pidMode": "host", "usernsMode": "host", "ipcMode": "host"}
    failures = check(TABLE, {"image": "i", "name": "n", "networkMode": "host", **refused})[1]
    assert {failure.path for failure in failures} == {*refused, "networkMode"}


def without_nothing(value: Any) -> Any:
    """The engine shows some nothings as null, others as empty, others not at all."""
    if isinstance(value, list):
        return [without_nothing(item) for item in value]
    if not isinstance(value, dict):
        return value
    nothing: tuple[Any, ...] = (None, "", 0, [])
    kept = {name: without_nothing(item) for name, item in value.items() if item not in nothing}
    return {name: item for name, item in kept.items() if item != {} or "/" in name}
