"""The database of a service."""

from collections.abc import Iterator
from math import ceil
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from components.settings.base import Model
from components.settings.kubernetes import SURGE
from components.settings.problems import Problem
from components.settings.shapes import Seconds, Shape

if TYPE_CHECKING:
    from components.settings.api import Service
    from components.settings.stack import Settings

# The databases of the server itself and of the platform, and one that PgBouncer keeps for itself.
RESERVED_DATABASES = ("platform", "postgres", "template0", "template1", "pgbouncer")
# PostgreSQL refuses roles with this prefix.
RESERVED_PREFIX = "pg_"


class Database(Model):
    """The database of a service: one of its own, or the platform's."""

    EXAMPLE = """
        config:
          ai-platform:api:
            services:
              reports:
                image: registry.example.com/acme/reports:1.4.2
                database:              # its own database; `database: {}` is enough
                  connections: 10
                  statement_timeout: 60
                  extensions: [pg_trgm]
                env:
                  DATABASE_URL: ${database.url}
              charts:
                image: registry.example.com/acme/charts:0.9.0
                database:
                  shared: read-only    # the platform's own database
                env:
                  DATABASE_URL: ${database.url}
    """

    shared: Literal["application", "read-only"] | None = Field(
        None,
        description="Use the platform's own database instead, with the rights of its application "
        "or read-only. By default the service has a database of its own, in which it may create "
        "tables.",
    )
    connections: int = Field(
        5,
        ge=1,
        le=100,
        description="The number of connections that each replica opens at most. The sum of all "
        "services must fit `data.max_connections`. Set the size of the service's pool by it: "
        "`${database.connections}` passes it to the service. In a database of its own, the "
        "server refuses more than its replicas need, and "
        "those of one replica more, for a step or a job of the service.",
    )
    statement_timeout: Seconds | None = Field(
        None,
        description="The seconds after which the server cancels a statement. By default there is "
        "no limit. Only for a database of its own.",
    )
    idle_in_transaction_timeout: Seconds | None = Field(
        60,
        description="The seconds after which the server closes a connection that is idle inside a "
        "transaction; null for no limit. Only for a database of its own.",
    )
    extensions: list[Annotated[str, Shape(r"^[a-z0-9_-]{1,63}$", "an extension's name")]] = Field(
        default_factory=list,
        description="PostgreSQL extensions that the database has. Only for a database of its own.",
    )
    login: Literal["a", "b"] = Field(
        "a",
        description="Which of the database's two login roles the service uses. A password changes "
        "without downtime by changing from one to the other. Only for a database of its own.",
    )


ONLY_OWN = ("statement_timeout", "idle_in_transaction_timeout", "extensions", "login")


def database_name(service: str) -> str:
    """The name of a service's own database. An identifier with dashes would need quotes."""
    return service.replace("-", "_")


def replicas_at_once(settings: "Settings", service: "Service") -> int:
    """The largest number of replicas that run at one time, which is during a roll-out."""
    surge = SURGE if settings.target == "kubernetes" else 0
    # A service with a volume stops before its successor starts.
    return service.replicas.max + (0 if service.data_volume else ceil(service.replicas.max * surge))


def connection_limit(settings: "Settings", service: "Service", database: Database) -> int:
    """The number of connections that a service may have at one time.

    A service with its own database has those of one replica more, for a step or a job that runs
    beside its replicas.
    """
    clients = replicas_at_once(settings, service) + (0 if database.shared else 1)
    return clients * database.connections


def rules(settings: "Settings") -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for name, service in settings.api.services.items():
        if service.database is None:
            continue
        path = f"api.services.{name}"
        if settings.data.mode == "external" and service.database.shared != "application":
            yield Problem(
                path=f"{path}.database",
                found=f"shared: {service.database.shared}" if service.database.shared else "{}",
                allowed="`shared: application`, because the platform cannot create databases and "
                "roles on a server that it does not run (data.mode: external)",
            )
        elif service.database.shared is None:
            yield from _name(path, name, owners)
        else:
            yield from _shared(f"{path}.database", service.database)


def _name(path: str, service: str, owners: dict[str, str]) -> Iterator[Problem]:
    """`owners` are the services by the names of their databases."""
    name = database_name(service)
    owner = owners.setdefault(name, service)
    if owner != service:
        reason = f"the service {owner} has this database"
    elif name in RESERVED_DATABASES:
        reason = "the server has a database of this name"
    elif name.startswith(RESERVED_PREFIX):
        reason = f"PostgreSQL reserves names that start with {RESERVED_PREFIX}"
    else:
        return
    yield Problem(
        path=path,
        found=f"the database {name}, named after the service",
        allowed=f"a service with another name: {reason}",
    )


def _shared(path: str, database: Database) -> Iterator[Problem]:
    for key in ONLY_OWN:
        if key in database.model_fields_set:
            yield Problem(
                path=f"{path}.{key}",
                allowed=f"no value, because {path}.shared selects the platform's own database",
            )
