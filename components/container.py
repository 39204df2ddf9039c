"""One container in the vocabulary: its image, its files, and how to ask for its health.

Nothing here knows Docker, Kubernetes or Pulumi. A target renders these values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from components.text import Text

HttpClient = Literal["wget", "curl", "python3"]


@dataclass(frozen=True, kw_only=True)
class File:
    """A file that the container reads. Text with secrets in it is kept as a secret.

    `first_start`: the container reads it once, while the workload's volume is empty.
    """

    path: str
    content: Text
    first_start: bool = False


@dataclass(frozen=True, kw_only=True)
class SharedDirectory:
    """A directory that a workload shares with its sidecars; empty at each start of the workload."""

    name: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Port:
    """A port that a container listens on.

    `metrics` is the path that Prometheus scrapes there, and `scrape_interval` how often, such as
    `10s`; None takes Prometheus' usual interval.
    """

    name: str
    number: int
    metrics: str | None = None
    scrape_interval: str | None = None


@dataclass(frozen=True, kw_only=True)
class Http:
    """A health question over HTTP, asked inside the container: a status of 2xx means yes."""

    path: str
    port: int


@dataclass(frozen=True, kw_only=True)
class Command:
    """A health question asked by a command inside the container: exit status 0 means yes."""

    argv: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Health:
    """How to ask a container for its health. Times in seconds.

    `start_budget` is the longest time that a healthy start may take. An engine asks for the first
    time one period after the start. With a period of 2 s an idle container uses 3 % of a core for
    its checks: hence 5 s.
    """

    ask: Http | Command
    period: int = 5
    timeout: int = 3
    failures: int = 3
    start_budget: int = 60


@dataclass(frozen=True, kw_only=True)
class Identity:
    """The user and group that the container's process runs as."""

    uid: int
    gid: int

    def __str__(self) -> str:
        return f"{self.uid}:{self.gid}"


@dataclass(frozen=True, kw_only=True)
class Build:
    """What an image is built from: a directory, a Dockerfile in it, and a base image.

    `name` is the image's name where an engine builds it for itself. `dockerfile` is relative to
    `context`. `base` is the reference of the base image. `source` is a digest of the Dockerfile and
    of what it copies.
    """

    name: str
    context: str
    dockerfile: str
    base: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image and its contract.

    `reference` says where to pull it; with `build`, where `make images` pushes it. `client` is the
    program in the image that can ask an HTTP question. It is None where there is no shell at all:
    such a container has no health check inside, and Prometheus watches it.
    """

    reference: str
    identity: Identity
    stop_signal: str = "SIGTERM"
    client: HttpClient | None = None
    build: Build | None = None


@dataclass(frozen=True, kw_only=True)
class Resources:
    """Limits of one container: memory in MiB, CPU in cores.

    A request is what a node sets aside; None is half the limit. Advisory on Docker.
    """

    memory: int
    cpu: float
    memory_request: int | None = None
    cpu_request: float | None = None


# An exporter rests but for a scrape each 15 s: under 1 % of a core, and at most 20 MiB.
EXPORTER = Resources(memory=64, cpu=0.2, memory_request=24, cpu_request=0.01)


@dataclass(frozen=True, kw_only=True)
class Container:
    """One process in one image, with what it reads, writes and listens on.

    `env` is plain; `secret_env` is for a service that can read a secret in no other way.
    `scratch` are paths that it may write to; their content is lost at each start.
    `ready` answers whether the container may serve, `alive` whether it must be restarted. The
    latter asks no other server.
    """

    name: str
    image: Image
    resources: Resources
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    secret_env: Mapping[str, Text] = field(default_factory=dict)
    files: tuple[File, ...] = ()
    scratch: tuple[str, ...] = ()
    shared: tuple[SharedDirectory, ...] = ()
    ports: tuple[Port, ...] = ()
    ready: Health | None = None
    alive: Health | None = None
    shared_memory: int | None = None
    stop_grace: int = 10
