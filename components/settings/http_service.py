"""What the API services and the web tier have in common: each is an HTTP service in an image."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field

from components.settings import build_context
from components.settings.addresses import Cidr, PortNumber
from components.settings.base import Model
from components.settings.build_context import BuildSetting
from components.settings.problems import Problem
from components.settings.quantities import mebibytes, memory_rules
from components.settings.shapes import (
    Cpu,
    FilePath,
    Memory,
    Path,
    Plain,
    Reference,
    Seconds,
    User,
    Variable,
)


class ReplicaSettings(Model):
    """The number of containers that run the same service."""

    EXAMPLE = """
        config:
          ai-platform:web:
            replicas: 2              # always two
          ai-platform:api:
            services:
              backend:
                replicas:            # two to four, by CPU use; on Docker always `min`
                  min: 2
                  max: 4
                  cpu_target: 60
    """

    min: int = Field(1, ge=1, le=100, description="The smallest number of replicas.")
    max: int = Field(
        1,
        ge=1,
        le=100,
        description="The largest number of replicas. If it is above `min`, an autoscaler decides.",
    )
    cpu_target: int = Field(
        70,
        ge=10,
        le=95,
        description="The average CPU use that the autoscaler aims at, in percent of the CPU "
        "request.",
    )


def _replicas(value: Any) -> Any:
    """`replicas: 3` is short for the same smallest and largest number."""
    count = isinstance(value, int) and not isinstance(value, bool)
    return {"min": value, "max": value} if count else value


def _without_removed(values: Any) -> Any:
    """`null` removes a default value; what it removed is gone when this runs."""
    if not isinstance(values, dict):
        return values
    return {name: value for name, value in values.items() if value is not None}


Name = TypeVar("Name")
Values = Annotated[
    dict[Name, Plain],
    BeforeValidator(_without_removed, json_schema_input_type=dict[str, Plain | None]),
]


class OutsideServer(Model):
    """A server on the internet or in another network that a service calls."""

    EXAMPLE = """
        config:
          ai-platform:api:
            services:
              reports:
                image: registry.example.com/acme/reports:1.4.2
                outside:
                  - name: billing
                    ports: [443]
                    cidrs: [203.0.113.0/24]   # without `cidrs`: any address
    """

    name: str = Field(description="A name for the server.")
    ports: list[PortNumber] = Field(min_length=1, description="The ports that the service calls.")
    cidrs: list[Cidr] = Field(
        default=["0.0.0.0/0"], min_length=1, description="The server's address ranges."
    )


class HttpService(Model):
    """An HTTP service, and what its image needs to run."""

    image: Reference | None = Field(
        None, description="The image, with a fixed tag or digest. Set either `image` or `build`."
    )
    build: BuildSetting | None = Field(
        None,
        description="What the image is built from: a directory with a `Dockerfile`, relative to "
        "the project's root, or `context` and `dockerfile`. Set either `image` or `build`.",
    )
    user: User = Field(
        "10001:10001",
        description="The UID and GID that the process runs as. UID 0 is rejected; GID 0 is "
        "allowed.",
    )
    port: PortNumber = Field(8000, description="The port that the service listens on.")
    health: Path = Field(
        "/health",
        description="The liveness path. It answers with status 2xx unless the process must be "
        "restarted.",
    )
    ready: Path | None = Field(
        None,
        description="The readiness path. It answers with status 2xx while the service can take "
        "requests. By default it is the same as `health`.",
    )
    writable: list[Path] = Field(
        default=["/tmp"],
        description="Directories that the service writes to. They are empty at each start.",
    )
    command: list[Plain] = Field(
        default_factory=list,
        description="The command and its arguments, instead of those of the image. The image's "
        "entry point stays.",
    )
    env: Values[Variable] = Field(
        default_factory=dict,
        description="Environment variables. A value may refer to values of the platform "
        "(docs/values.md), for example `${cache.url}`. `null` removes a default variable.",
    )
    files: Values[FilePath] = Field(
        default_factory=dict,
        description="Files by their path in the container, which every user may read. The content "
        "may refer to values of the platform, like that of a variable. `null` removes a default "
        "file.",
    )
    outside: list[OutsideServer] = Field(
        default_factory=list,
        description="Servers outside the platform that the service calls.",
    )
    replicas: Annotated[
        ReplicaSettings, BeforeValidator(_replicas, json_schema_input_type=int | ReplicaSettings)
    ] = Field(
        default=ReplicaSettings(),
        description="The number of replicas: one number, or `min`, `max` and `cpu_target`.",
    )
    memory: Memory = Field("256Mi", description="The memory limit of each replica.")
    cpu: Cpu = Field(0.5, description="The CPU limit of each replica, in cores.")
    memory_request: Memory | None = Field(
        None,
        description="The memory that a node reserves for each replica. The default is half the "
        "limit.",
    )
    cpu_request: Cpu | None = Field(
        None,
        description="The CPU that a node reserves for each replica, in cores. The default is half "
        "the limit.",
    )
    start_budget: Seconds = Field(
        60, description="The longest time that a start may take, in seconds."
    )
    stop_grace: Seconds = Field(
        20,
        description="The time that the service has to finish its requests before it is killed, in "
        "seconds.",
    )

    @property
    def values(self) -> Mapping[str, str]:
        """The values that may have references, by their settings below those of the service."""
        return {
            **{f"env.{name}": value for name, value in self.env.items()},
            **{f"files.{path}": content for path, content in self.files.items()},
        }


def rules(path: str, service: HttpService) -> Iterator[Problem]:
    """`path` is the dotted path of the service's settings."""
    yield from _image(path, service)
    yield from memory_rules(f"{path}.memory", service.memory)
    yield from _requests(path, service)
    yield from _replica_numbers(path, service.replicas)


def _image(path: str, service: HttpService) -> Iterator[Problem]:
    if (service.image is None) == (service.build is None):
        found = "neither" if service.image is None else "both"
        yield Problem(path=path, found=found, allowed="either `image` or `build`")
    if service.build:
        yield from build_context.rules(f"{path}.build", service.build)


def _requests(path: str, service: HttpService) -> Iterator[Problem]:
    request = service.memory_request
    if request and mebibytes(request) > mebibytes(service.memory):
        yield Problem(
            path=f"{path}.memory_request",
            found=repr(request),
            allowed=f"at most the limit, {service.memory}",
        )
    if service.cpu_request and service.cpu_request > service.cpu:
        yield Problem(
            path=f"{path}.cpu_request",
            found=str(service.cpu_request),
            allowed=f"at most the limit, {service.cpu:g}",
        )


def _replica_numbers(path: str, replicas: ReplicaSettings) -> Iterator[Problem]:
    if replicas.min > replicas.max:
        yield Problem(
            path=f"{path}.replicas.min",
            found=str(replicas.min),
            allowed=f"at most replicas.max, {replicas.max}",
        )
