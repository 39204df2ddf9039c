"""From what the engine says of a container to the outputs.

Read is only what the engine chooses, normalises or can change later; the rest of a container never
changes, so its outputs are the inputs.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from airgap.plugins.docker import duration
from airgap.plugins.docker.container_config import MEBIBYTE
from airgap.plugins.values import Properties


def observed(info: dict[str, Any], outputs: Properties) -> Properties:
    """The outputs brought up to what `GET /containers/ID/json` says."""
    state, own, host = info["State"], info["Config"], info["HostConfig"]
    return outputs | {
        "id": info["Id"],
        "name": info["Name"].removeprefix("/"),
        "image": info["Image"] if outputs["image"].startswith("sha256:") else own["Image"],
        "hostname": own["Hostname"],
        "domainname": own["Domainname"],
        "command": own["Cmd"] or [],
        "entrypoints": own["Entrypoint"] or [],
        "user": own["User"],
        "workingDir": own["WorkingDir"],
        "stopSignal": own.get("StopSignal", ""),
        "stopTimeout": own.get("StopTimeout", 0),
        "healthcheck": _healthcheck(own.get("Healthcheck")) or outputs.get("healthcheck"),
        "restart": host["RestartPolicy"]["Name"],
        "maxRetryCount": host["RestartPolicy"]["MaximumRetryCount"],
        "init": bool(host.get("Init")),
        "capabilities": _capabilities(host) or outputs.get("capabilities"),
        "securityOpts": host["SecurityOpt"] or [],
        "memory": host["Memory"] // MEBIBYTE,
        "memoryReservation": host["MemoryReservation"] // MEBIBYTE,
        "memorySwap": host["MemorySwap"] // MEBIBYTE
        if host["MemorySwap"] > 0
        else host["MemorySwap"],
        "shmSize": host["ShmSize"] // MEBIBYTE,
        "cpus": _cpus(host["NanoCpus"]) if host["NanoCpus"] else outputs.get("cpus"),
        "cpuShares": host["CpuShares"],
        "cpuSet": host["CpusetCpus"],
        "logDriver": host["LogConfig"]["Type"],
        "logOpts": host["LogConfig"]["Config"] if outputs.get("logOpts") else None,
        "ipcMode": host["IpcMode"],
        "runtime": host["Runtime"],
        "platform": info["Platform"],
        "rm": host["AutoRemove"],
        "bridge": info["NetworkSettings"].get("Bridge", ""),
        "networkDatas": _networks(info["NetworkSettings"]["Networks"]),
        **_running(state, info["NetworkSettings"]["Ports"], outputs),
    }


def _running(
    state: dict[str, Any], ports: dict[str, Any] | None, outputs: Properties
) -> Properties:
    """A container that must run and does not shows that, and no ports: Diff sees both."""
    changes: Properties = {}
    if outputs.get("ports") and (state["Running"] or outputs.get("mustRun")):
        changes["ports"] = _ports(ports or {})
    if not state["Running"]:
        changes |= {"exitCode": state["ExitCode"], "mustRun": False}
    return changes


def _ports(ports: dict[str, Any]) -> list[Properties]:
    bound = []
    for name, bindings in ports.items():
        internal, _, protocol = name.partition("/")
        bound += [
            {
                "internal": int(internal),
                "external": int(binding["HostPort"]),
                "ip": binding["HostIp"],
                "protocol": protocol,
            }
            for binding in bindings or []
        ]
    return sorted(bound, key=lambda port: port["internal"])


def _networks(networks: dict[str, Any]) -> list[Properties]:
    return [
        {
            "networkName": name,
            "gateway": network["Gateway"],
            "globalIpv6Address": network["GlobalIPv6Address"],
            "globalIpv6PrefixLength": network["GlobalIPv6PrefixLen"],
            "ipAddress": network["IPAddress"],
            "ipPrefixLength": network["IPPrefixLen"],
            "ipv6Gateway": network["IPv6Gateway"],
            "macAddress": network["MacAddress"],
        }
        for name, network in sorted(networks.items())
    ]


def _capabilities(host: dict[str, Any]) -> Properties | None:
    if not host["CapAdd"] and not host["CapDrop"]:
        return None
    return {"adds": host["CapAdd"] or [], "drops": host["CapDrop"] or []}


def _healthcheck(check: dict[str, Any] | None) -> Properties | None:
    if not check:
        return None
    return {
        "tests": check.get("Test", []),
        "interval": duration.text(check.get("Interval", 0)),
        "timeout": duration.text(check.get("Timeout", 0)),
        "startPeriod": duration.text(check.get("StartPeriod", 0)),
        "startInterval": duration.text(check.get("StartInterval", 0)),
        "retries": check.get("Retries", 0),
    }


def _cpus(nano: int) -> str:
    """`0.5`, `1.0`, `0.25`: the official plugin's spelling of a share of processors."""
    text = f"{Decimal(nano) / 10**9:f}"
    whole, _, part = text.partition(".")
    return f"{whole}.{part.rstrip('0') or '0'}"
