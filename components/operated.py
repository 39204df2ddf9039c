"""Resources that an operator on the cluster creates for us, in the vocabulary."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from components.addresses import PROJECT, Address, Outside
from components.container import Image, Resources
from components.derived_names import metrics
from components.probe import Probe
from components.text import Secret, Text
from components.workload import ScrapeTarget

POSTGRES_PORT = 5432
# The seconds within which an operator sends each change to the bucket: its server begins a new file
# of the log after 5 minutes, and the rest is for the upload.
ARCHIVED_WITHIN = 360
# The ports on which CloudNativePG's instances and poolers serve metrics.
INSTANCE_METRICS, POOLER_METRICS = 9187, 9127


@dataclass(frozen=True, kw_only=True)
class Role:
    """A login at a database."""

    user: str
    password: Secret


@dataclass(frozen=True, kw_only=True)
class Pooler:
    """PgBouncer, which serves many clients with few database connections and keeps the clients
    connected during a failover.

    `connections` is the largest number that each instance opens to the server.
    """

    image: Image
    instances: int
    mode: Literal["session", "transaction"]
    connections: int
    resources: Resources


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """The backup of another cluster that a new one starts from, instead of an empty database.

    `server` is the name under which that cluster archives. `at` is the moment to stop at, in UTC,
    and `backup` the id of a base backup whose end is that moment. With neither, everything that was
    archived is recovered.
    """

    server: str
    at: str | None = None
    backup: str | None = None


@dataclass(frozen=True, kw_only=True)
class Archive:
    """The bucket in which an operator keeps a cluster's base backups and its write-ahead log.

    `server` names the cluster's own directory below `path`, such as `s3://backups/prod`. `reach` is
    the address of the bucket's server. `schedule` says when a base backup is made, in five cron
    fields, with at most `gap` seconds between two, and `days` how far back a recovery can go.
    `resources` are those of the container beside each instance that talks to the bucket.
    """

    server: str
    path: str
    endpoint: str
    reach: Outside
    access_key: Secret
    secret_key: Secret
    region: str | None = None
    ca: str | None = None
    schedule: str
    gap: int
    days: int
    resources: Resources
    recovery: Recovery | None = None


@dataclass(frozen=True, kw_only=True)
class PostgresCluster:
    """A PostgreSQL server with standbys, one of which takes over if the primary fails.

    `asked_by` is the setting that asks for the cluster. A target that cannot run it names the
    setting.
    `shared_memory` is the size of /dev/shm in MiB. `format` is what can read its data, such as
    `PostgreSQL 15`. `priority_class` is the cluster's name for how
    important the servers are. `archive` is where the operator keeps backups, if it makes any.
    `durability`: with `required`, a write is acknowledged only after a standby has it. With
    `preferred`, writes continue while no standby is available.
    """

    name: str
    tier: str
    asked_by: str
    image: Image
    instances: int
    durability: Literal["required", "preferred"]
    size: str
    wal_size: str | None = None
    resources: Resources
    shared_memory: int
    format: str
    database: str
    owner: Role
    superuser: Role
    parameters: Mapping[str, str] = field(default_factory=dict)
    pooler: Pooler | None = None
    priority_class: str | None = None
    archive: Archive | None = None
    starts_after: tuple[str, ...] = ()

    @property
    def primary(self) -> Address:
        """The current primary, which takes writes."""
        return Address(workload=f"{self.name}-rw", port=POSTGRES_PORT)

    @property
    def entry(self) -> Address:
        """Where services connect: at the pooler, if there is one."""
        pooler = Address(workload=f"{self.name}-pooler", port=POSTGRES_PORT)
        return pooler if self.pooler else self.primary

    def texts(self) -> Iterator[Text]:
        """The secrets that the operator receives."""
        yield from (role.password.text for role in (self.owner, self.superuser))
        if self.archive:
            yield self.archive.access_key.text
            yield self.archive.secret_key.text

    def addresses(self) -> Iterator[Address]:
        """Where other parts may reach it."""
        yield self.primary
        yield self.entry
        yield from (target.address for target in self.scrape_targets())

    def provides(self) -> Iterator[str]:
        """The names that other parts may start after."""
        yield from dict.fromkeys((self.primary.workload, self.entry.workload))

    def names(self) -> Iterator[str]:
        """Every name that only this part of a stack may have.

        The operator creates Services for the primary, for every instance that may be read, and for
        the standbys, and a disruption budget for the primary.
        """
        yield self.name
        yield from (f"{self.name}-{suffix}" for suffix in ("rw", "r", "ro", "primary", "pooler"))
        for target in self.scrape_targets():
            yield metrics(target.name)
            if target.name != self.entry.workload:
                yield target.name

    def scrape_targets(self) -> Iterator[ScrapeTarget]:
        archive = self.archive
        schedules = {"backup": archive.gap, "offsite": ARCHIVED_WITHIN} if archive else {}
        yield self._scrape_target("instances", INSTANCE_METRICS, self.instances, schedules)
        if self.pooler:
            yield self._scrape_target("pooler", POOLER_METRICS, self.pooler.instances, {})

    def _scrape_target(
        self, pods: str, port: int, replicas: int, schedules: Mapping[str, int]
    ) -> ScrapeTarget:
        name = f"{self.name}-{pods}"
        return ScrapeTarget(
            name=name,
            job=f"{PROJECT}-{name}",
            address=Address(workload=name, port=port),
            port="metrics",
            path="/metrics",
            tier=self.tier,
            replicas=replicas,
            schedules=schedules,
        )


@dataclass(frozen=True, kw_only=True)
class Monitors:
    """What a Prometheus that an operator runs on the cluster scrapes and evaluates for us.

    `jobs` are the targets to scrape, and `interval` is the default for targets without one.
    `probes` are the requests that watch the platform from outside in. `rules`
    are groups of rules by the name of their file. That Prometheus selects all this by `labels`, and
    runs in `namespace`.
    """

    name: str
    tier: str
    asked_by: str
    jobs: tuple[ScrapeTarget, ...]
    probes: tuple[Probe, ...] = ()
    interval: str
    rules: Mapping[str, Text]
    labels: Mapping[str, str]
    namespace: str
    starts_after: ClassVar[tuple[str, ...]] = ()

    def texts(self) -> Iterator[Text]:
        """Nothing: rules contain no secrets."""
        yield from ()

    def addresses(self) -> Iterator[Address]:
        """None: nothing listens."""
        yield from ()

    def provides(self) -> Iterator[str]:
        """Nothing: no part waits for rules."""
        yield from ()

    def names(self) -> Iterator[str]:
        """Nothing: no other part has objects of the same kinds."""
        yield from ()

    def scrape_targets(self) -> Iterator[ScrapeTarget]:
        """Nothing: the owners of that Prometheus monitor it."""
        yield from ()
