"""The vocabulary in which tiers describe what runs; it knows no Docker, Kubernetes or Pulumi.

A target renders these values into resources. Meaning lives here, so it is the same everywhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from components.text import Text

PROJECT = "ai-platform"


def host_name(workload: str) -> str:
    """The DNS name by which others reach a workload, the same on every target."""
    return f"{PROJECT}-{workload}"


def metrics_name(workload: str) -> str:
    """The DNS name that holds one address per replica, for Prometheus to discover."""
    return f"{host_name(workload)}-metrics"


@dataclass(frozen=True, kw_only=True)
class Address:
    """One port of a workload, as another workload reaches it."""

    workload: str
    port: int

    @property
    def host(self) -> str:
        return host_name(self.workload)

    def url(self, scheme: str = "http") -> str:
        return f"{scheme}://{self.host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Outside:
    """Something that this platform does not run: a managed database, a webhook, mail."""

    name: str
    ports: tuple[int, ...]
    cidrs: tuple[str, ...] = ("0.0.0.0/0",)


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """Something that others run on the same platform: pods of a namespace, by their ports."""

    namespace: str
    ports: tuple[int, ...]


Reach = Address | Outside | Neighbour


@dataclass(frozen=True, kw_only=True)
class File:
    """A file that the container reads. Text with secrets in it is kept as a secret.

    `first_start`: it is read once, when the workload's volume is empty, and never again.
    """

    path: str
    content: Text
    first_start: bool = False


@dataclass(frozen=True, kw_only=True)
class Volume:
    """Data that outlives the container. `keep` protects it from every removal but by name."""

    name: str
    path: str
    size: str
    keep: bool = True


@dataclass(frozen=True, kw_only=True)
class Shared:
    """A directory that a workload and its sidecars share; empty at each start of the workload."""

    name: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Port:
    """A port that a container listens on. `metrics` is the path that Prometheus scrapes."""

    name: str
    number: int
    metrics: str | None = None


@dataclass(frozen=True, kw_only=True)
class Http:
    """A question asked over HTTP from inside the container: 2xx is yes."""

    path: str
    port: int


@dataclass(frozen=True, kw_only=True)
class Command:
    """A question asked by a command inside the container: exit status 0 is yes."""

    argv: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Health:
    """How to ask a container for its health. Times in seconds.

    `start_budget` is the longest time that a healthy start may take. An engine asks the first time
    one period after the start. Asked every 2 s, an idle container costs 3 % of a core: hence 5 s.
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

    @property
    def root(self) -> bool:
        return self.uid == 0

    def __str__(self) -> str:
        return f"{self.uid}:{self.gid}"


@dataclass(frozen=True, kw_only=True)
class Build:
    """What an image is built from: a directory with a Dockerfile, and a base image.

    `base` is the reference of the base image. `source` is a digest of the directory's files.
    """

    context: str
    base: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image and its contract.

    `client` is the program in the image that can ask an HTTP question, or None where there is no
    shell at all: such a container has no inner health check, and Prometheus watches it.
    """

    reference: str
    identity: Identity
    stop_signal: str = "SIGTERM"
    client: Literal["wget", "curl", "python3"] | None = None
    build: Build | None = None
    local: bool = False


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
class Replicas:
    """How many run. An autoscaler (on average CPU use, percent) where max is above min."""

    min: int = 1
    max: int = 1
    cpu_target: int = 70


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """A port that people outside reach, under the name of an endpoint."""

    endpoint: str
    port: int
    scheme: Literal["http", "https"] = "http"


@dataclass(frozen=True, kw_only=True)
class Container:
    """One process in one image, with what it reads, writes and listens on.

    `env` is plain; `secret_env` is for a service that can read a secret in no other way.
    `scratch` are paths that it may write to and loses at each start.
    `ready`: may it serve? `alive`: must it be restarted? Alive asks nobody else.
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
    shared: tuple[Shared, ...] = ()
    ports: tuple[Port, ...] = ()
    ready: Health | None = None
    alive: Health | None = None
    shared_memory: int | None = None
    stop_grace: int = 10

    @property
    def scraped(self) -> bool:
        return any(port.metrics for port in self.ports)


@dataclass(frozen=True, kw_only=True)
class Part(Container):
    """A part of the platform: a main container, its place in the whole, and its sidecars.

    `reaches` says who may talk to whom; networks and policies come from this and nothing else.
    `starts_after` names what must be healthy, or done, first. The two differ: Prometheus reaches
    everything and waits for nothing.
    """

    tier: str
    reaches: tuple[Reach, ...] = ()
    starts_after: tuple[str, ...] = ()
    volumes: tuple[Volume, ...] = ()
    sidecars: tuple[Container, ...] = ()

    def containers(self) -> Iterator[Container]:
        yield self
        yield from self.sidecars


@dataclass(frozen=True, kw_only=True)
class Watched:
    """Figures that Prometheus scrapes: whose, where, and how many replicas should give them.

    `port` is the name of the address's port.
    """

    name: str
    address: Address
    port: str
    path: str
    tier: str
    expected: int


class Scraped(Protocol):
    """What has figures."""

    def watched(self) -> Iterator[Watched]:
        """Each that it has."""


@dataclass(frozen=True, kw_only=True)
class Workload(Part):
    """A service of the platform, which runs on.

    `metrics_of` is the workload whose figures its metrics are, where not its own.
    """

    replicas: Replicas = Replicas()
    exposure: Exposure | None = None
    metrics_of: str | None = None

    def watched(self) -> Iterator[Watched]:
        for container in self.containers():
            for port in container.ports:
                if port.metrics:
                    yield Watched(
                        name=self.metrics_of or self.name,
                        address=Address(workload=self.name, port=port.number),
                        port=port.name,
                        path=port.metrics,
                        tier=self.tier,
                        expected=self.replicas.min,
                    )


@dataclass(frozen=True, kw_only=True)
class Job(Part):
    """Work that ends. It must be safe to do again.

    It runs once per release, and again when anything of it changes; what starts after it waits
    until it is done. With a `schedule`, in cron's five fields of UTC, it runs at those times.
    `limit` is the longest time of one try, in seconds; a try that fails or takes longer is followed
    by up to `retries` further ones. `asked_by` is the setting that asks for the job, named where a
    target cannot run it.
    """

    asked_by: str
    schedule: str | None = None
    limit: int = 300
    retries: int = 3

    @property
    def deadline(self) -> int:
        """The longest time of all tries together, in seconds."""
        return self.limit * (self.retries + 1)
