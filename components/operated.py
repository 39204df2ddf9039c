"""Parts that an operator on the platform makes of a description: what we ask of it, and no how."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from components.text import Secret, Text
from components.workload import Address, Image, Resources, Watched

POSTGRES_PORT = 5432
# Where CloudNativePG's instances and poolers give their figures.
INSTANCE_FIGURES, POOLER_FIGURES = 9187, 9127


@dataclass(frozen=True, kw_only=True)
class Role:
    """Who signs in at a database."""

    user: str
    password: Secret


@dataclass(frozen=True, kw_only=True)
class Pooler:
    """Many clients on few connections of a database, which a failover does not cut.

    `connections` is the number that each of the instances opens to the server at most.
    """

    image: Image
    instances: int
    mode: Literal["session", "transaction"]
    connections: int
    resources: Resources


@dataclass(frozen=True, kw_only=True)
class PostgresCluster:
    """A PostgreSQL server with standbys, of which one takes over.

    `asked_by` is the setting that wants it, for a target without such an operator to name.
    `durability`: `required` lets no write be acknowledged that no standby has; `preferred` goes on
    without standbys where there are none.
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
    database: str
    owner: Role
    superuser: Role
    parameters: Mapping[str, str] = field(default_factory=dict)
    pooler: Pooler | None = None

    @property
    def primary(self) -> Address:
        """The server that takes writes, whichever that is."""
        return Address(workload=f"{self.name}-rw", port=POSTGRES_PORT)

    @property
    def entry(self) -> Address:
        """Where services connect: at the pooler, if there is one."""
        pooler = Address(workload=f"{self.name}-pooler", port=POSTGRES_PORT)
        return pooler if self.pooler else self.primary

    def watched(self) -> Iterator[Watched]:
        yield Watched(
            name=f"{self.name}-instances",
            address=Address(workload=f"{self.name}-instances", port=INSTANCE_FIGURES),
            port="metrics",
            path="/metrics",
            tier=self.tier,
            expected=self.instances,
        )
        if self.pooler:
            yield Watched(
                name=f"{self.name}-pooler",
                address=Address(workload=self.entry.workload, port=POOLER_FIGURES),
                port="metrics",
                path="/metrics",
                tier=self.tier,
                expected=self.pooler.instances,
            )


@dataclass(frozen=True, kw_only=True)
class ScrapeJob:
    """What a Prometheus scrapes, how often, under which `job` label."""

    name: str
    watched: Watched
    interval: str


@dataclass(frozen=True, kw_only=True)
class Monitors:
    """What a Prometheus that others run on the platform scrapes and evaluates for us.

    `rules` are groups of rules by the name of their file; `labels` are those by which it finds all
    this.
    """

    name: str
    tier: str
    asked_by: str
    jobs: tuple[ScrapeJob, ...]
    rules: Mapping[str, Text]
    labels: Mapping[str, str]

    def watched(self) -> Iterator[Watched]:
        """None: it watches, and is watched by others."""
        yield from ()
