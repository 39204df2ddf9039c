"""The vocabulary in which tiers describe what runs. It knows no Docker, Kubernetes or Pulumi.

A target renders these values into resources. The meaning is here, so both targets share it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from components.addresses import PROJECT, Address, Reach
from components.container import Container, Port, Step
from components.derived_names import (
    governing_service,
    metrics,
    opening_name,
    replica_name,
    try_name,
    unready,
)
from components.placement import ANYWHERE, Placement
from components.text import Text
from components.volumes import ExistingVolume, Mount, Volume


@dataclass(frozen=True, kw_only=True)
class Replicas:
    """The number of replicas. If max is above min, an autoscaler decides by the average CPU use in
    percent."""

    min: int = 1
    max: int = 1
    cpu_target: int = 70


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """A port that people outside reach, under the name of an endpoint.

    `public`: users reach it, and not only operators. `hosts` are the names under which they do on a
    cluster; without names its Ingress does not lead there. What is in front of the workload passes
    bodies up to `max_body_size`, such as `10m`, waits `timeout` seconds for an answer, and passes
    each piece on at once if the workload `streams`. None sets nothing in front of the workload.
    """

    endpoint: str
    port: int
    scheme: Literal["http", "https"] = "http"
    public: bool = False
    hosts: tuple[str, ...] = ()
    max_body_size: str | None = None
    timeout: int | None = None
    streams: bool = False


@dataclass(frozen=True, kw_only=True)
class ScrapeTarget:
    """Metrics that Prometheus scrapes from every replica of a workload.

    `name` is the workload whose metrics they are, and `job` the label that rules and dashboards
    select. `port` is the name of the address's port. `interval` is such as `10s`; None means the
    default. `schedules` are the longest gaps, in seconds, of what the replicas do on a schedule and
    do not export themselves, such as `backup`.
    """

    name: str
    job: str
    address: Address
    port: str
    path: str
    tier: str
    replicas: int
    interval: str | None = None
    schedules: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Part(Container):
    """A part of the platform: a main container, its relations to others, and its sidecars.

    Networks and policies come from what its containers reach, and from nothing else.
    `starts_after` names the parts that must be healthy, or done, first. The two differ: Prometheus
    reaches every part with metrics and waits for none.
    `init` are steps that run one after the other before the main container and its sidecars start.
    `monitoring`: the part belongs to monitoring, which may reach every part with metrics.
    `guaranteed`: a node reserves all memory and CPU that the part may use, and takes them from it
    last.
    `named_by` is the setting whose key is the part's name; None for the platform's own names.
    """

    tier: str
    starts_after: tuple[str, ...] = ()
    volumes: tuple[Volume, ...] = ()
    existing: tuple[ExistingVolume, ...] = ()
    init: tuple[Step, ...] = ()
    sidecars: tuple[Container, ...] = ()
    placement: Placement = ANYWHERE
    monitoring: bool = False
    guaranteed: bool = False
    named_by: str | None = None

    def containers(self) -> Iterator[Container]:
        """The containers that run together."""
        yield self
        yield from self.sidecars

    def all_containers(self) -> Iterator[Container]:
        """The containers that run together, and then the steps that run before them."""
        yield from self.containers()
        yield from self.init

    def edges(self) -> tuple[Reach, ...]:
        """Whom its containers talk to, each once. On a cluster they share one network."""
        reaches = (reach for container in self.all_containers() for reach in container.reaches)
        return tuple(dict.fromkeys(reaches))

    def mounts(self, container: Container) -> Iterator[Mount]:
        """The part's volumes in one of its containers. A step has only the volumes that it
        fills, unless it writes them all, and a sidecar only those that it watches."""
        writes_all = isinstance(container, Step) and container.writes_volumes
        for volume in self.volumes:
            if container.volumes_below and (volume.keep or not container.kept_only):
                path = f"{container.volumes_below}/{volume.name}"
                yield Mount(volume=volume.name, path=path, read_only=True)
            fills = volume.filled_by == container.name
            if fills or writes_all or container is self:
                read_only = volume.filled_by is not None and container is self
                yield Mount(volume=volume.name, path=volume.path, read_only=read_only)
        if container is self:
            for existing in self.existing:
                yield Mount(volume=existing.name, path=existing.path, read_only=True)

    def texts(self) -> Iterator[Text]:
        """The texts that its containers receive, in files and secret variables."""
        for container in self.all_containers():
            yield from (file.content for file in container.files)
            yield from container.secret_env.values()

    def addresses(self) -> Iterator[Address]:
        """Where other parts may reach it."""
        for container in self.containers():
            for port in container.ports:
                yield Address(workload=self.name, port=port.number)

    def provides(self) -> Iterator[str]:
        """The names that other parts may start after."""
        yield self.name

    def names(self) -> Iterator[str]:
        """Every name that only this part of a stack may have."""
        for container in self.containers():
            yield container.name
        yield from self._step_names()

    def _step_names(self) -> Iterator[str]:
        for volume in self.volumes:
            if volume.opened:
                yield opening_name(volume.name)
        for step in self.init:
            for number in range(1, step.retries + 2):
                yield try_name(step.name, number)


@dataclass(frozen=True, kw_only=True)
class Workload(Part):
    """A service of the platform, which keeps running.

    `metrics_of` is the server for which this exporter speaks: Prometheus scrapes it under the
    server's name. At most one exporter of a server has it. `reached_unready`: clients may also ask
    replicas that are not ready, under the name `unready_name`.
    """

    replicas: Replicas = Replicas()
    exposure: Exposure | None = None
    metrics_of: str | None = None
    reached_unready: bool = False

    def __post_init__(self) -> None:
        names = [target.name for target in self.scrape_targets()]
        if len(set(names)) < len(names):
            raise ValueError(
                f"{self.name} has metrics on two ports: Prometheus scrapes one of them"
            )

    def names(self) -> Iterator[str]:
        for container in self.containers():
            yield container.name
            for number in range(2, self.replicas.min + 1):
                yield replica_name(container.name, number)
        yield from self._step_names()
        yield from (metrics(target.name) for target in self.scrape_targets())
        if self.volumes:
            yield governing_service(self.name)
        if self.reached_unready:
            yield unready(self.name)

    def scrape_targets(self) -> Iterator[ScrapeTarget]:
        for container in self.containers():
            for port in container.ports:
                if port.metrics:
                    name = port.metrics_of or self.metrics_of or self.name
                    yield ScrapeTarget(
                        name=name,
                        job=name if self.monitoring else f"{PROJECT}-{name}",
                        address=Address(workload=self.name, port=port.number),
                        port=port.name,
                        path=port.metrics,
                        tier=SIDECARS if port.metrics_of else self.tier,
                        replicas=self.replicas.min,
                        interval=port.scrape_interval,
                    )


SIDECARS = "sidecars"
"""The tier in the metrics of sidecars that are about something else than their workload."""
SCHEDULER = Port(name="schedule", number=9746, metrics="/metrics")
"""The port of a scheduler that runs a job in a container of its own, and exports how runs end."""
JOBS = "jobs"
"""The tier in the metrics of schedulers, so that alerts about services are not about them."""


@dataclass(frozen=True, kw_only=True)
class Job(Part):
    """Work that ends. It must be safe to run more than once.

    It runs once, and again when its work changes: its image, its command, its values or its
    volumes. Parts that start after it wait until it is done. With a `schedule`, which is five cron
    fields in UTC, it runs at those times. `limit` is the longest time of one try, in seconds. Up to
    `retries` further tries follow a try that fails or takes longer. `asked_by` is the setting that
    asks for the job. A target that cannot run the job names it.
    """

    asked_by: str
    schedule: str | None = None
    limit: int = 300
    retries: int = 3

    def names(self) -> Iterator[str]:
        for number in range(1, self.retries + 2):
            yield try_name(self.name, number)
        yield from (metrics(target.name) for target in self.scrape_targets())

    def scrape_targets(self) -> Iterator[ScrapeTarget]:
        """The metrics of its scheduler. The job itself ends before Prometheus could scrape it."""
        for port in self.ports:
            if self.schedule and port.metrics:
                yield ScrapeTarget(
                    name=self.name,
                    job=f"{PROJECT}-{self.name}",
                    address=Address(workload=self.name, port=port.number),
                    port=port.name,
                    path=port.metrics,
                    tier=JOBS,
                    replicas=1,
                )
