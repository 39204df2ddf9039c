"""Translates a container's description into the arguments of docker.Container."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_docker as docker

from components.container import TOOLS, Command, Container, Health, Http
from components.text import Text
from components.workload import Part

# A container that keeps running.
SERVICE: Mapping[str, Any] = {"restart": "unless-stopped", "must_run": True}
# The restart policy of such a container that a verb has stopped, and will start again.
STOPPED_FOR_A_WHILE = "no"

# All GPUs of an engine, or their indices or ids.
Gpus = Literal["all"] | tuple[str, ...]

LOG_SIZE = "10m"
LOG_FILES = "3"
# Seconds that a busy engine may need besides, before `up` gives up on a container.
SLACK = 15

# Of 1024 for a core, which is also what a container has that asks for nothing. Less would let small
# containers miss their health checks on a busy machine.
LEAST_SHARES = 128


@dataclass(frozen=True, kw_only=True)
class Published:
    """A port of the machine, and the port of the container that it leads to."""

    address: str
    port: int
    container_port: int


@dataclass(frozen=True, kw_only=True)
class Mounted:
    """A volume of the engine, and where a container finds it."""

    volume: pulumi.Input[str]
    path: str
    read_only: bool = False


def mounted(
    part: Part, container: Container, volumes: Mapping[str, pulumi.Input[str]]
) -> list[Mounted]:
    """The volumes of a part in one of its containers. `volumes` are their names on the engine."""
    return [
        Mounted(volume=volumes[mount.volume], path=mount.path, read_only=mount.read_only)
        for mount in part.mounts(container)
    ]


@dataclass(frozen=True, kw_only=True)
class ContainerInputs:
    """The values of other resources that a container uses. The order of creation, and replacements,
    follow from them.

    `tools` is the volume with the programs of tools.py, for a container that uses them. A container
    on no network has no network interface.
    """

    name: str
    image: pulumi.Input[str]
    labels: Mapping[str, str]
    networks: Sequence[tuple[pulumi.Input[str], Sequence[str]]]
    volumes: Sequence[Mounted] = ()
    tools: pulumi.Input[str] | None = None
    published: Published | None = None
    gpus: Gpus = ()


def container_args(
    container: Container, inputs: ContainerInputs, fill: Callable[[Text], pulumi.Input[str]]
) -> dict[str, Any]:
    """The arguments of docker.Container. `fill` turns text with secrets into its value."""
    memory = container.resources.memory
    args: dict[str, Any] = {
        "name": inputs.name,
        "image": inputs.image,
        "hostname": container.name,
        "user": str(container.image.identity),
        "envs": _envs(container, fill),
        "labels": [
            docker.ContainerLabelArgs(label=label, value=value)
            for label, value in inputs.labels.items()
        ],
        "networks_advanced": [
            docker.ContainerNetworksAdvancedArgs(name=name, aliases=list(aliases))
            for name, aliases in inputs.networks
        ],
        "volumes": _volumes(inputs),
        "uploads": [
            docker.ContainerUploadArgs(
                file=file.path, content=fill(file.content), permissions="0444"
            )
            for file in container.files
        ],
        "memory": memory,
        # The same limit as for memory turns swap off. Without it the provider reports a change each
        # time.
        "memory_swap": memory,
        "cpus": str(float(container.resources.cpu)),
        "cpu_shares": max(round(1024 * container.resources.requested_cpu), LEAST_SHARES),
        "capabilities": docker.ContainerCapabilitiesArgs(drops=["ALL"]),
        "security_opts": ["no-new-privileges:true"],
        "log_driver": "json-file",
        "log_opts": {"max-size": LOG_SIZE, "max-file": LOG_FILES},
        "stop_signal": container.image.stop_signal,
        "stop_timeout": container.stop_grace,
        "destroy_grace_seconds": container.stop_grace,
    }
    optional = {
        "network_mode": "" if inputs.networks else "none",
        "entrypoints": list(container.entrypoint),
        "command": list(container.command),
        "tmpfs": dict.fromkeys(container.scratch, _scratch_options(container)),
        "shm_size": container.shared_memory,
        **_gpus(inputs.gpus),
    }
    args |= {name: value for name, value in optional.items() if value}
    if inputs.published:
        published = inputs.published
        args["ports"] = [
            docker.ContainerPortArgs(
                ip=published.address,
                external=published.port,
                internal=published.container_port,
                protocol="tcp",
            )
        ]
    if health := health_of(container):
        args["healthcheck"] = health_check(health, container.name)
    return args


def _scratch_options(container: Container) -> str:
    """The mount options of scratch directories, which belong to the container's user.

    If the image has the directory, an engine with runc before 1.1.9 gives it the image's mode.
    """
    identity = container.image.identity
    return f"rw,noexec,nosuid,size=64m,mode=1777,uid={identity.uid},gid={identity.gid}"


def health_of(container: Container) -> Health | None:
    """What the engine checks. It has one check for each container, which restarts nothing."""
    return container.ready or container.alive


def _volumes(inputs: ContainerInputs) -> list[docker.ContainerVolumeArgs]:
    volumes = [
        docker.ContainerVolumeArgs(
            volume_name=mounted.volume,
            container_path=mounted.path,
            # The provider's default is not an input, so other volumes leave it out.
            read_only=mounted.read_only or None,
        )
        for mounted in inputs.volumes
    ]
    if inputs.tools:
        volumes.append(
            docker.ContainerVolumeArgs(
                volume_name=inputs.tools, container_path=TOOLS, read_only=True
            )
        )
    return volumes


def _gpus(gpus: Gpus) -> dict[str, Any]:
    """All GPUs of the engine, or some of them.

    The provider reads two devices in its argument `gpus` as a device and a number of devices.
    """
    if gpus == "all":
        return {"gpus": gpus}
    request = docker.ContainerDeviceRequestArgs(
        driver="nvidia", device_ids=list(gpus), capabilities=["gpu"]
    )
    return {"device_requests": [request]} if gpus else {}


def health_check(health: Health, host: str) -> docker.ContainerHealthcheckArgs:
    """The check of a container that knows itself by this host name."""
    return docker.ContainerHealthcheckArgs(
        tests=["CMD", *_check_command(health, host)],
        interval=_duration(health.period),
        timeout=_duration(health.timeout),
        retries=health.failures,
        start_period=_duration(health.start_budget),
    )


def _check_command(health: Health, host: str) -> tuple[str, ...]:
    """The command of a check. The engine ends a command that takes too long.

    The request goes to the container's own address, which other containers use as well. A server
    that listens on 127.0.0.1 only is therefore not healthy, as on Kubernetes. The request never
    goes through a proxy that the container's variables name.
    """
    match health.ask:
        case Command(argv=argv):
            return argv
        case Http(path=path, port=port):
            url = f"http://{host}:{port}{path}"
            return (f"{TOOLS}/busybox", "wget", "-q", "-Y", "off", "-O", "/dev/null", url)


def _envs(container: Container, fill: Callable[[Text], pulumi.Input[str]]) -> list[Any]:
    plain = [f"{name}={value}" for name, value in sorted(container.env.items())]
    secret = [
        pulumi.Output.concat(name, "=", fill(text))
        for name, text in sorted(container.secret_env.items())
    ]
    return [*plain, *secret]


def start_limit(container: Container) -> int:
    """The seconds after which a start has failed."""
    health = health_of(container)
    if health is None:
        return SLACK
    return health.start_budget + health.failures * (health.period + health.timeout) + SLACK


def _duration(seconds: int) -> str:
    """Go's notation, which the provider compares as text: `5s`, `1m0s`, `1h0m0s`."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
