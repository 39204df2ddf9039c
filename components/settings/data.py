"""PostgreSQL: ours, an operator's, or a server that is there."""

from typing import Annotated, Literal

from pydantic import Field

from components.settings.external import ExternalServer
from components.settings.model import Model
from components.settings.values import Cpu, Memory, Port, Shape, Size

SslMode = Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]


class ExternalDatabase(ExternalServer):
    """A PostgreSQL server that you have."""

    port: Port = Field(5432, description="Its port.")
    database: str = Field("platform", description="The database, with the schema in `database/`.")
    sslmode: SslMode | None = Field(
        None,
        description="TLS of the connection, as PostgreSQL's clients name it. None asks for TLS and "
        "does without where the server has none; managed databases demand `require` or better.",
    )
    ca: Annotated[str, Shape(r"^-----BEGIN CERTIFICATE-----\n", "PEM text")] | None = Field(
        None,
        description="PEM text of the authority that its certificate is checked with. Required with "
        "`verify-ca` and `verify-full`.",
    )


class Pooler(Model):
    """PgBouncer in front of the primary: many clients on few connections."""

    instances: int = Field(2, ge=1, le=10, description="How many run.")
    mode: Literal["session", "transaction"] = Field(
        "session",
        description="What a client has a connection for. `transaction` serves more clients, and "
        "only those that keep nothing in a session.",
    )


class Data(Model):
    """PostgreSQL."""

    mode: Literal["builtin", "cloudnative-pg", "external"] = Field(
        "builtin",
        description="`builtin` runs PostgreSQL 15; `cloudnative-pg` has the cluster's operator of "
        "that name run it, with standbys; `external` uses a server you have.",
    )
    instances: int = Field(
        3,
        ge=2,
        le=9,
        description="Servers of `cloudnative-pg`: a primary and its standbys. With two, writes go "
        "on without a standby; from three on, none is acknowledged that no standby has.",
    )
    pooler: Pooler | None = Field(
        None,
        description="PgBouncer in front of `cloudnative-pg`; none connects services to the "
        "primary.",
    )
    wal_size: Size | None = Field(
        None,
        description="Size of a volume for the write-ahead log alone, with `cloudnative-pg`; none "
        "keeps it with the data.",
    )
    external: ExternalDatabase | None = Field(
        None, description="The server, where the mode is `external`."
    )
    size: Size = Field("10Gi", description="Size of the data volume. Advisory on Docker.")
    memory: Memory = Field("512Mi", description="Memory limit of the server.")
    cpu: Cpu = Field(1.0, description="CPU limit of the server, in cores.")
    max_connections: int = Field(100, ge=20, le=1000, description="Connections that it accepts.")
