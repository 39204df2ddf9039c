"""From a container's inputs to the body of the engine's request, in the engine's own names."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from airgap.plugins.docker.duration import nanoseconds
from airgap.plugins.docker.label import labels_in
from airgap.plugins.values import Properties

MEBIBYTE = 1024 * 1024


def config(inputs: Properties) -> dict[str, Any]:
    """What `POST /containers/create` takes; the engine reads None as left out."""
    ports = inputs.get("ports", [])
    volumes = inputs.get("volumes", [])
    return {
        "Image": inputs["image"],
        "Hostname": inputs.get("hostname", ""),
        "Domainname": inputs.get("domainname", ""),
        "User": inputs.get("user", ""),
        "WorkingDir": inputs.get("workingDir", ""),
        "Env": inputs.get("envs"),
        "Cmd": inputs.get("command"),
        "Entrypoint": inputs.get("entrypoints"),
        "Labels": labels_in(inputs.get("labels")),
        "Tty": inputs.get("tty", False),
        "OpenStdin": inputs.get("stdinOpen", False),
        "StopSignal": inputs.get("stopSignal", ""),
        "StopTimeout": inputs.get("stopTimeout"),
        "ExposedPorts": {_port(port): {} for port in ports},
        "Volumes": {volume["containerPath"]: {} for volume in volumes},
        "Healthcheck": _healthcheck(inputs.get("healthcheck")),
        "HostConfig": _host_config(inputs),
    }


def restart_policy(inputs: Properties) -> dict[str, Any]:
    return {"Name": inputs["restart"], "MaximumRetryCount": inputs.get("maxRetryCount", 0)}


def swap_bytes(mebibytes: int) -> int:
    """Swap in bytes; -1 is unlimited."""
    return mebibytes * MEBIBYTE if mebibytes > 0 else mebibytes


def _host_config(inputs: Properties) -> dict[str, Any]:
    capabilities = inputs.get("capabilities", {})
    return {
        "NetworkMode": inputs["networkMode"],
        "RestartPolicy": restart_policy(inputs),
        "AutoRemove": inputs.get("rm", False),
        "ReadonlyRootfs": inputs.get("readOnly", False),
        "Init": inputs.get("init"),
        "CapAdd": capabilities.get("adds"),
        "CapDrop": capabilities.get("drops"),
        "SecurityOpt": inputs.get("securityOpts"),
        "GroupAdd": inputs.get("groupAdds"),
        "Sysctls": inputs.get("sysctls"),
        "Ulimits": [
            {"Name": limit["name"], "Soft": limit["soft"], "Hard": limit["hard"]}
            for limit in inputs.get("ulimits", [])
        ],
        "Memory": inputs.get("memory", 0) * MEBIBYTE,
        "MemoryReservation": inputs.get("memoryReservation", 0) * MEBIBYTE,
        "MemorySwap": swap_bytes(inputs.get("memorySwap", 0)),
        "ShmSize": inputs.get("shmSize", 0) * MEBIBYTE,
        "NanoCpus": int(Decimal(inputs.get("cpus", "0")) * 10**9),
        "CpuShares": inputs.get("cpuShares", 0),
        "CpusetCpus": inputs.get("cpuSet", ""),
        "Tmpfs": inputs.get("tmpfs"),
        "Binds": [_bind(volume) for volume in inputs.get("volumes", []) if _source(volume)],
        "Mounts": [_mount(mount) for mount in inputs.get("mounts", [])],
        "Dns": inputs.get("dns"),
        "ExtraHosts": [f"{entry['host']}:{entry['ip']}" for entry in inputs.get("hosts", [])],
        "PortBindings": _bindings(inputs.get("ports", [])),
        "LogConfig": {"Type": inputs.get("logDriver", ""), "Config": inputs.get("logOpts") or {}},
    }


def _port(port: Properties) -> str:
    return f"{port['internal']}/{port['protocol']}"


def _bindings(ports: list[Properties]) -> dict[str, list[dict[str, str]]]:
    bindings: dict[str, list[dict[str, str]]] = {}
    for port in ports:
        external = {"HostIp": port["ip"], "HostPort": str(port.get("external", ""))}
        bindings.setdefault(_port(port), []).append(external)
    return bindings


def _source(volume: Properties) -> str:
    return str(volume.get("hostPath") or volume.get("volumeName") or "")


def _bind(volume: Properties) -> str:
    return f"{_source(volume)}:{volume['containerPath']}:{'ro' if volume.get('readOnly') else 'rw'}"


def _mount(mount: Properties) -> dict[str, Any]:
    body: dict[str, Any] = {
        "Type": mount["type"],
        "Target": mount["target"],
        "Source": mount.get("source", ""),
        "ReadOnly": mount.get("readOnly", False),
    }
    if "bindOptions" in mount:
        body["BindOptions"] = {"Propagation": mount["bindOptions"].get("propagation", "")}
    if "tmpfsOptions" in mount:
        options = mount["tmpfsOptions"]
        body["TmpfsOptions"] = {
            "SizeBytes": options.get("sizeBytes", 0),
            "Mode": options.get("mode", 0),
        }
    return body


def _healthcheck(check: Properties | None) -> dict[str, Any] | None:
    if check is None:
        return None
    return {
        "Test": check["tests"],
        "Interval": nanoseconds(check["interval"]),
        "Timeout": nanoseconds(check["timeout"]),
        "StartPeriod": nanoseconds(check["startPeriod"]),
        "StartInterval": nanoseconds(check["startInterval"]),
        "Retries": check.get("retries", 0),
    }
