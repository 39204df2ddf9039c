"""PostgreSQL: run by the platform, by an operator, or on a server outside it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import Field

from components.images import POSTGRES
from components.settings import (
    backup,
    cloudnative_pg,
    connections,
    external_server,
    images,
    postgres_parameters,
)
from components.settings.addresses import PortNumber
from components.settings.backup import Backup, BackupSetting
from components.settings.base import Model
from components.settings.cloudnative_pg import PoolerSettings
from components.settings.external_server import ExternalServer
from components.settings.images import ImageName
from components.settings.postgres_parameters import ParameterName, ParameterValue
from components.settings.problems import Problem
from components.settings.quantities import Floor, floor_rules
from components.settings.shapes import Cpu, Memory, Pem, Shape, Size

if TYPE_CHECKING:
    from components.settings.stack import Settings

# Where services find the certificate of the authority that `data.external.ca` names.
DATABASE_CA = "/etc/ai-platform/database-ca.crt"
VOLUME = Floor(
    mebibytes=256, reason="a new database takes 50Mi, and its write-ahead log 64Mi and more"
)

Days = Annotated[str, Shape(r"^[1-9]\d{0,4}d$", "a number of days, such as `90d`")]
SslMode = Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]


class ExternalDatabase(ExternalServer):
    """A PostgreSQL server that you have already."""

    EXAMPLE = """
        config:
          ai-platform:data:
            mode: external
            external:
              host: postgres.example.com
              database: platform
              user: platform_app
              # pulumi config set --secret --path 'ai-platform:data.external.password'
              password:
                secure: v1:0oXN2J0Vx8k=:Yq3n
              sslmode: verify-full
              ca: |
                -----BEGIN CERTIFICATE-----
                MIIBkTCB…
                -----END CERTIFICATE-----
              cidrs: [10.20.0.0/16]       # the only addresses that services may reach
    """

    port: PortNumber = Field(5432, description="The server's port.")
    database: str = Field(
        "platform", description="The name of the database, which has the schema in `database/`."
    )
    sslmode: SslMode | None = Field(
        None,
        description="The TLS mode of the connection, by libpq's names. Kubernetes requires it. On "
        "Docker the connection by default uses TLS if the server offers it. Managed databases "
        "often need `require` or stricter.",
    )
    ca: Pem | None = Field(
        None,
        description="The certificate of the authority that signed the server's certificate, as PEM "
        "text. `verify-ca` and `verify-full` require it.",
    )


class Decisions(Model):
    """The decisions that the platform's backend stores."""

    EXAMPLE = """
        config:
          ai-platform:data:
            decisions:
              retention: 90d          # `null` keeps them for ever
    """

    retention: Days | None = Field(
        None,
        description="How long decisions are kept. A job removes older ones every hour. By default "
        "they are kept for ever.",
    )


class Data(Model):
    """PostgreSQL."""

    EXAMPLE = """
        config:
          ai-platform:data:
            mode: builtin             # or `cloudnative-pg` on Kubernetes, or `external`
            size: 50Gi
            memory: 2Gi
            cpu: 2
            max_connections: 200
            parameters:
              work_mem: 16MB
              random_page_cost: 1.1
    """

    mode: Literal["builtin", "cloudnative-pg", "external"] = Field(
        "builtin",
        description="`builtin` runs one PostgreSQL server. `cloudnative-pg` uses the operator "
        "of that name in your cluster, which adds standbys. `external` uses a server that you have "
        "already.",
    )
    version: int = Field(
        15,
        ge=14,
        le=18,
        description="The major version of PostgreSQL. `make upgrade-database` moves a stack with "
        "data to a later one (docs/data.md). The `official` catalogue has images of 15 to 18, and "
        "the `debian` catalogue of 15 and 17; others need `images.references.postgres`.",
    )
    instances: int = Field(
        3,
        ge=2,
        le=9,
        description="The number of `cloudnative-pg` servers: one primary and its standbys. With "
        "two, writes continue while the standby is down. With three or more, a commit waits until "
        "a standby has it.",
    )
    pooler: PoolerSettings | None = Field(
        None,
        description="PgBouncer in front of `cloudnative-pg`. By default services connect to the "
        "primary directly.",
    )
    wal_size: Size | None = Field(
        None,
        description="The size of a separate volume for the write-ahead log, with `cloudnative-pg`. "
        "By default the log is on the data volume.",
    )
    backup: BackupSetting = Field(
        Backup(),
        description="Backups, which every stack makes by default; `false` makes none. With "
        "`external` they are the business of whoever runs the server.",
    )
    decisions: Decisions = Field(Decisions(), description="The platform's decisions.")
    external: ExternalDatabase | None = Field(
        None, description="The server for the mode `external`."
    )
    size: Size = Field(
        "10Gi",
        description="The size of the data volume. An engine does not enforce it, but parameters of "
        "the server follow from it on both targets (docs/data.md).",
    )
    memory: Memory = Field("512Mi", description="The server's memory limit.")
    cpu: Cpu = Field(1.0, description="The server's CPU limit, in cores.")
    max_connections: int = Field(
        100,
        ge=20,
        le=1000,
        description="The number of connections that the server accepts. Each takes 2 MiB of "
        "memory, and together they may take half of `memory`.",
    )
    parameters: dict[ParameterName, ParameterValue] = Field(
        default_factory=dict,
        description="Server parameters that you know better than the platform, which computes them "
        "from `memory`, `size` and `max_connections` (docs/data.md). A change restarts the server.",
    )

    @property
    def built_in_backup(self) -> Backup | None:
        """The settings of the platform's own part for backups; None if it does not run."""
        return self.backup if self.mode == "builtin" else None

    @property
    def copies_files(self) -> bool:
        """Whether the volumes of services are copied to a bucket."""
        offsite = self.backup.offsite if self.backup else None
        return self.mode != "external" and offsite is not None and offsite.files


def rules(settings: "Settings") -> Iterator[Problem]:
    data = settings.data
    yield from external_server.rules("data", data.mode, data.external)
    yield from _tls(settings)
    if data.mode == "cloudnative-pg":
        yield from cloudnative_pg.rules(settings)
    else:
        yield from _without_operator(data)
    yield from _version(settings)
    if data.mode == "external" and data.decisions.retention:
        yield Problem(
            path="data.decisions.retention",
            found=repr(data.decisions.retention),
            allowed="null, because the platform does not run the server (data.mode: external)",
        )
    yield from floor_rules("data.size", data.size, VOLUME)
    yield from postgres_parameters.rules(data.mode, data.parameters)
    yield from backup.rules(settings)
    yield from connections.rules(settings)


def _version(settings: "Settings") -> Iterator[Problem]:
    """There must be an image of the data's version, and its tag must not name another one."""
    version, reference = settings.data.version, None
    name: ImageName = "cloudnative-pg"
    match settings.data.mode:
        case "builtin":
            name, reference = images.postgres_reference(settings.images, version)
            if reference is None:
                yield _no_image(settings, name)
        case "cloudnative-pg":
            reference = images.reference(settings.images, name)
    actual = images.postgres_version(reference) if reference else None
    if actual not in (None, version):
        yield Problem(
            path=f"images.references.{name}",
            found=repr(reference),
            allowed=f"an image of PostgreSQL {version}, because data.version is {version}; or "
            f"data.version: {actual}, for a new stack or one whose data is of {actual} already",
        )


def _no_image(settings: "Settings", name: ImageName) -> Problem:
    versions = [
        str(version) for version, entry in POSTGRES.items() if images.has(settings.images, entry)
    ]
    return Problem(
        path="data.version",
        found=str(settings.data.version),
        allowed=f"one of {', '.join(versions)}, which the {settings.images.catalogue} catalogue "
        f"has, or any with an image of your own as images.references.{name}",
    )


def _tls(settings: "Settings") -> Iterator[Problem]:
    server = settings.data.external
    if server and server.sslmode is None and settings.target == "kubernetes":
        yield Problem(
            path="data.external.sslmode",
            found="nothing",
            allowed="the TLS mode of the connection: " + ", ".join(get_args(SslMode)),
        )
    if server and (server.sslmode or "").startswith("verify-") and server.ca is None:
        yield Problem(
            path="data.external.ca",
            found="null",
            allowed="the authority's certificate, because data.external.sslmode is "
            f"{server.sslmode}",
        )


def _without_operator(data: Data) -> Iterator[Problem]:
    for key in ("pooler", "wal_size"):
        if getattr(data, key) is not None:
            yield Problem(
                path="data.mode",
                found=repr(data.mode),
                allowed=f"'cloudnative-pg', because data.{key} is set",
            )
