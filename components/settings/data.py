"""PostgreSQL: run by the platform, by an operator, or on a server outside it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from components.settings import external_server
from components.settings.addresses import PortNumber
from components.settings.base import Model
from components.settings.database import connection_limit
from components.settings.external_server import ExternalServer
from components.settings.images import ImageName
from components.settings.problems import Problem
from components.settings.quantities import Floor, memory_rules
from components.settings.shapes import Cpu, Memory, Shape, Size

if TYPE_CHECKING:
    from components.settings.stack import Settings

# Where services find the certificate of the authority that `data.external.ca` names.
DATABASE_CA = "/etc/ai-platform/database-ca.crt"
# PostgreSQL reserves three connections for superusers by default. The exporter needs one, the
# health check one at a time, and one is left for an administrator.
RESERVED_CONNECTIONS = 6
# The passwords that CloudNativePG reads itself, from Secrets with the keys `username` and
# `password`.
OPERATOR_PASSWORDS = ("postgres-password", "postgres-owner-password")

SslMode = Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]

POSTGRES = Floor(mebibytes=128, reason="PostgreSQL with its buffers and connections needs it")


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
        description="The TLS mode of the connection, by libpq's names. By default the connection "
        "uses TLS if the server offers it. Managed databases often need `require` or stricter.",
    )
    ca: Annotated[str, Shape(r"^-----BEGIN CERTIFICATE-----\n", "PEM text")] | None = Field(
        None,
        description="The certificate of the authority that signed the server's certificate, as PEM "
        "text. `verify-ca` and `verify-full` require it.",
    )


class PoolerSettings(Model):
    """PgBouncer, which serves many clients with few database connections."""

    EXAMPLE = """
        config:
          ai-platform:target: kubernetes
          ai-platform:images:
            repository: registry.example.com/ai-platform
          ai-platform:data:
            mode: cloudnative-pg
            pooler:
              instances: 3
              mode: transaction
    """

    instances: int = Field(2, ge=1, le=10, description="The number of poolers.")
    mode: Literal["session", "transaction"] = Field(
        "session",
        description="How long a client holds a connection. `transaction` serves more clients; it "
        "suits clients that keep no state in a session.",
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
    """

    mode: Literal["builtin", "cloudnative-pg", "external"] = Field(
        "builtin",
        description="`builtin` runs one PostgreSQL 15 server. `cloudnative-pg` uses the operator "
        "of that name in your cluster, which adds standbys. `external` uses a server that you have "
        "already.",
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
    external: ExternalDatabase | None = Field(
        None, description="The server for the mode `external`."
    )
    size: Size = Field("10Gi", description="The size of the data volume. Advisory on Docker.")
    memory: Memory = Field("512Mi", description="The server's memory limit.")
    cpu: Cpu = Field(1.0, description="The server's CPU limit, in cores.")
    max_connections: int = Field(
        100, ge=20, le=1000, description="The number of connections that the server accepts."
    )


def rules(settings: "Settings") -> Iterator[Problem]:
    data = settings.data
    yield from external_server.rules("data", data.mode, data.external)
    yield from _tls(data.external)
    if data.mode == "cloudnative-pg":
        yield from _cloudnative_pg(settings)
    else:
        yield from _without_operator(data)
    yield from memory_rules("data.memory", data.memory, POSTGRES)
    yield from _connections(settings)


def _tls(server: ExternalDatabase | None) -> Iterator[Problem]:
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


def _cloudnative_pg(settings: "Settings") -> Iterator[Problem]:
    if settings.target != "kubernetes":
        yield Problem(
            path="data.mode",
            found="'cloudnative-pg'",
            allowed="'builtin' or 'external': only target: kubernetes has operators",
        )
    images: tuple[ImageName, ...] = ("cloudnative-pg",)
    if settings.data.pooler:
        images += ("pgbouncer",)
    for image in images:
        if settings.images.catalogue == "debian" and image not in settings.images.references:
            yield Problem(
                path=f"images.references.{image}",
                allowed="an image for the operator, because the debian catalogue does not have one",
            )
    for name in OPERATOR_PASSWORDS:
        secret = settings.kubernetes.secrets.get(name)
        if secret and secret.key != "password":
            yield Problem(
                path=f"kubernetes.secrets.{name}.key",
                found=repr(secret.key),
                allowed="'password', beside a key 'username': the operator reads both",
            )


def _connections(settings: "Settings") -> Iterator[Problem]:
    """The connections of all services must fit the server's."""
    data = settings.data
    if data.mode == "external":
        return
    own, shared = _connections_of_services(settings, shared=False), _shared_connections(settings)
    required = {
        "superusers, exporter and health check": RESERVED_CONNECTIONS,
        **own,
        **shared,
    }
    total = sum(required.values())
    if total > data.max_connections:
        terms = ", ".join(f"{number} for {name}" for name, number in required.items())
        roll_out = " during a roll-out" if settings.target == "kubernetes" else ""
        yield Problem(
            path="data.max_connections",
            found=str(data.max_connections),
            allowed=f"at least {total}{roll_out}: {terms}",
        )


def own_connections(settings: "Settings") -> int:
    """The number of connections that the services with databases of their own may have."""
    return sum(_connections_of_services(settings, shared=False).values())


def _shared_connections(settings: "Settings") -> dict[str, int]:
    """The connections to the platform's own database, by who opens them."""
    services = _connections_of_services(settings, shared=True)
    pooler = settings.data.pooler
    if pooler is None:
        return services
    if pooler.mode == "transaction":
        # Such a pooler lets a client wait until another client's transaction has ended.
        return {"the poolers": pooler.instances}
    # All clients may connect to the same pooler, each with its own connection.
    clients = " and ".join(services) or "no service"
    return {f"{clients} at {pooler.instances} poolers": pooler.instances * sum(services.values())}


def _connections_of_services(settings: "Settings", *, shared: bool) -> dict[str, int]:
    """The largest number of connections of each service at one time: of those that share the
    platform's own database, or of those with one of their own."""
    return {
        name: connection_limit(settings, service, service.database)
        for name, service in settings.api.services.items()
        if service.database and bool(service.database.shared) == shared
    }
