"""The vocabulary for one container: its image, its files and its health checks.

Nothing here knows Docker, Kubernetes or Pulumi. A target renders these values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from components.addresses import Reach
from components.text import Text

TOOLS = "/run/ai-platform"
"""Where a target mounts programs of its own in a container. Nothing else uses this directory."""
SCHEDULES = "/etc/ai-platform"
"""Where a target mounts the schedule of a job. Nothing else uses this directory."""


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
    """A directory that a workload shares with its sidecars. It is empty when the workload
    starts."""

    name: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Port:
    """A port that a container listens on.

    `metrics` is the path that Prometheus scrapes on this port. `scrape_interval` is how often, such
    as `10s`; None means Prometheus' default interval. `metrics_of` is what the metrics are about,
    if not the workload: Prometheus scrapes them under that name.
    """

    name: str
    number: int
    metrics: str | None = None
    scrape_interval: str | None = None
    metrics_of: str | None = None


@dataclass(frozen=True, kw_only=True)
class Http:
    """A health check over HTTP, at the container's own address. A 2xx status means success."""

    path: str
    port: int


@dataclass(frozen=True, kw_only=True)
class Command:
    """A health check by a command inside the container. Exit status 0 means success."""

    argv: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Health:
    """A health check, with its times in seconds.

    `start_budget` is the longest time that a healthy start may take. An engine checks for the first
    time one period after the start. With a period of 2 s the checks of an idle container use 3 % of
    a core, so the default is 5 s.
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

    `reference` is where to pull it or, with `build`, where `make images` pushes it.
    """

    reference: str
    identity: Identity
    stop_signal: str = "SIGTERM"
    build: Build | None = None


@dataclass(frozen=True, kw_only=True)
class Resources:
    """Limits of one container: memory in MiB, CPU in cores.

    A request is what a node reserves; None means half the limit. Where containers compete for a
    CPU, each gets a share in proportion to its request. Docker reserves nothing.
    """

    memory: int
    cpu: float
    memory_request: int | None = None
    cpu_request: float | None = None

    @property
    def requested_cpu(self) -> float:
        return self.cpu_request or self.cpu / 2


# An exporter works only during a scrape, every 15 s. It uses less than 1 % of a core and at most 20
# MiB.
EXPORTER = Resources(memory=64, cpu=0.2, memory_request=24, cpu_request=0.01)


@dataclass(frozen=True, kw_only=True)
class Container:
    """One process in one image, with what it reads, writes and listens on.

    `env` has plain values; `secret_env` is for a service that can read secrets from variables only.
    `scratch` are writable paths, which are empty at each start.
    `volumes_below` is the directory in which a sidecar sees the volumes of its workload, each under
    its name and read-only; with `kept_only` without those that can be filled again.
    `reaches` says whom it talks to. A sidecar has edges of its own. A step has those of its part
    besides its own.
    `ready` checks whether the container can take requests, and `alive` whether it must be
    restarted. `alive` does not depend on other servers. A sidecar without which the workload can
    still take requests has `alive` only.
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
    volumes_below: str | None = None
    kept_only: bool = True
    reaches: tuple[Reach, ...] = ()
    ports: tuple[Port, ...] = ()
    ready: Health | None = None
    alive: Health | None = None
    shared_memory: int | None = None
    stop_grace: int = 10


@dataclass(frozen=True, kw_only=True)
class Step(Container):
    """A container that runs to its end before the main container of its part starts.

    It must be safe to run more than once. `limit` is the longest time of one try, in seconds. Up to
    `retries` further tries follow a try that fails. `asked_by` is the setting that asks for it.
    `writes_volumes`: it has all volumes of its part at their paths, and may change what they hold.
    """

    asked_by: str
    writes_volumes: bool = False
    limit: int = 300
    retries: int = 2
