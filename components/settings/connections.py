"""The connections that the server accepts: who opens them, and the memory that they take."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from components.settings import backup
from components.settings.database import connection_limit
from components.settings.problems import Problem
from components.settings.quantities import mebibytes

if TYPE_CHECKING:
    from components.settings.data import Data
    from components.settings.stack import Settings

# PostgreSQL reserves three connections for superusers by default. The exporter needs one, the
# health check one at a time, and one is left for an administrator.
RESERVED_CONNECTIONS = 6
# The MiB of memory that the process of a connection takes. With simple queries it took 1.2 MiB, and
# it keeps what it has read about each table that it has used.
CONNECTION_MEMORY = 2


def rules(settings: "Settings") -> Iterator[Problem]:
    if settings.data.mode != "external":
        yield from _memory(settings.data)
        yield from _connections(settings)


def _memory(data: "Data") -> Iterator[Problem]:
    """A quarter of the memory is for shared buffers, and a quarter for sorts and the page cache."""
    needed = 2 * data.max_connections * CONNECTION_MEMORY
    if needed > mebibytes(data.memory):
        yield Problem(
            path="data.memory",
            found=repr(data.memory),
            allowed=f"at least {needed}Mi, because data.max_connections is {data.max_connections}: "
            f"each connection takes {CONNECTION_MEMORY} MiB, and all of them half the memory",
        )


def _connections(settings: "Settings") -> Iterator[Problem]:
    """The connections of all services must fit the server's."""
    data = settings.data
    own, shared = _connections_of_services(settings, shared=False), _shared_connections(settings)
    # Besides those of services, the server has the platform's database and `postgres`.
    backups = backup.connections(data, len(own) + 2)
    required = {
        "superusers, exporter and health check": RESERVED_CONNECTIONS,
        **({"the retention of decisions": 1} if data.decisions.retention else {}),
        **({"backups and drills": backups} if backups else {}),
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


def reserved_connections(data: "Data") -> int:
    """The connections of everybody but the services."""
    return RESERVED_CONNECTIONS + (data.decisions.retention is not None)


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
