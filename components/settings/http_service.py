"""What the API services and the web tier have in common: each is an HTTP service in an image."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field

from components.settings import build_context, capacity, references
from components.settings.addresses import PortNumber
from components.settings.base import Model
from components.settings.build_context import BuildSetting
from components.settings.capacity import Capacity
from components.settings.outside import OutsideAddresses
from components.settings.problems import Problem
from components.settings.reference_services import least_memory
from components.settings.shapes import (
    FilePath,
    Path,
    Plain,
    Reference,
    Seconds,
    User,
    Variable,
)


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


class OutsideServer(OutsideAddresses):
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
                    cidrs: [203.0.113.0/24]   # required on Kubernetes
    """

    name: str = Field(description="A name for the server.")
    ports: list[PortNumber] = Field(min_length=1, description="The ports that the service calls.")


class HttpImage(Model):
    """An image, and what it needs to run."""

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
        description="Directories that the service writes to. They are empty at each start, and "
        "small: 64 MiB of memory each on Docker, 256 MiB of the node's disk on Kubernetes. Data "
        "belongs in a volume, and logs on standard output.",
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
    start_budget: Seconds = Field(
        60, description="The longest time that a start may take, in seconds."
    )


class HttpService(Capacity, HttpImage):
    """An HTTP service: its image, and what its replicas may use."""

    @property
    def references(self) -> frozenset[str]:
        """The names of what its values refer to."""
        return references.names(self)

    @property
    def services(self) -> tuple[str, ...]:
        """The API services that its values refer to."""
        named = (reference.service for reference in references.references(self))
        return tuple(dict.fromkeys(name for name in named if name))

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
    yield from capacity.rules(path, service, least_memory(service) or capacity.SERVER)


def _image(path: str, service: HttpService) -> Iterator[Problem]:
    if (service.image is None) == (service.build is None):
        found = "neither" if service.image is None else "both"
        yield Problem(path=path, found=found, allowed="either `image` or `build`")
    if service.build:
        yield from build_context.rules(f"{path}.build", service.build)
