"""The databases of services: those of their own, the platform's, and the job that creates them on a
running server."""

from collections.abc import Mapping
from dataclasses import dataclass

from components import plain_files
from components.addresses import Address
from components.catalogue import Catalogue
from components.data import connection, sql_job
from components.data.connection import DATABASE, DatabaseConnection
from components.settings import (
    Database,
    ExternalDatabase,
    Settings,
    connection_limit,
    database_name,
)
from components.text import Secret, Text
from components.tier import Login
from components.workload import Job

SCRIPTS = "database/services"
# What the backup part may do in a database.
HOLD = "hold.sql"
JOB = "postgres-databases"

# The role of services that may only read the platform's own database. Its password opens nothing
# that outlives a service's wish to read: the job sets a new one at any time.
READER = Secret(name="postgres-reader-password")
READER_USER = "platform_reader"


@dataclass(frozen=True, kw_only=True)
class Server:
    """A PostgreSQL server that the platform runs, or an operator for it.

    `entry` is where services reach the platform's own database, which may be a pooler.
    `starts_after` are the parts after which that database is complete.
    """

    primary: Address
    entry: Address
    starts_after: tuple[str, ...]


def connections(settings: Settings, server: Server) -> dict[str, DatabaseConnection]:
    """How each service with a database reaches it, by the service's name."""
    return {
        name: _connection(name, database, server) for name, database in _databases(settings).items()
    }


def external_connections(
    settings: Settings, server: ExternalDatabase
) -> dict[str, DatabaseConnection]:
    """The same for a server that the platform does not run. All services share its database."""
    return {
        name: connection.to_external(server, database.connections)
        for name, database in _databases(settings).items()
    }


def logins(connections: Mapping[str, DatabaseConnection]) -> dict[str, Login]:
    """What an operator needs to sign in at the databases of services, by the login's name."""
    return {
        f"database-{name}": {
            "database": service.database,
            "user": service.user,
            "password": service.password,
        }
        for name, service in connections.items()
        if service.database != DATABASE
    }


def job(settings: Settings, catalogue: Catalogue, server: Server) -> Job | None:
    """The job that creates the databases and roles of services; None if no service needs it."""
    databases = _databases(settings)
    created = {name: database for name, database in databases.items() if _needs_job(database)}
    if not created:
        return None
    scripts = [*plain_files.texts(SCRIPTS), (sql_job.ALL, _list(settings, created))]
    if settings.data.built_in_backup:
        scripts.append((HOLD, plain_files.text(f"database/backup/{HOLD}")))
    return sql_job.job(
        JOB,
        asked_by=f"api.services.{next(iter(created))}.database",
        server=server.primary,
        starts_after=server.starts_after,
        catalogue=catalogue,
        passwords=_passwords(created),
        scripts=scripts,
        options=connection.SUPERUSER_OPTIONS,
    )


def login(service: str, role: str) -> Secret:
    """The password of one of the two login roles of a service's own database.

    It is not kept with the data: the job sets a new one when the service returns.
    """
    return Secret(name=f"postgres-{service}-{role}-password")


def _databases(settings: Settings) -> dict[str, Database]:
    return {
        name: service.database
        for name, service in settings.api.services.items()
        if service.database
    }


def _needs_job(database: Database) -> bool:
    return database.shared != "application"


def _passwords(databases: Mapping[str, Database]) -> list[Secret]:
    passwords = []
    for name, database in databases.items():
        roles = [READER] if database.shared else [login(name, "a"), login(name, "b")]
        passwords.extend(roles)
    return passwords


def _connection(service: str, database: Database, server: Server) -> DatabaseConnection:
    if database.shared == "application":
        return connection.to_platform(server.entry, server.starts_after, database.connections)
    if database.shared == "read-only":
        return DatabaseConnection(
            host=server.entry.host,
            port=server.entry.port,
            database=DATABASE,
            user=READER_USER,
            password=READER,
            connections=database.connections,
            reach=server.entry,
            starts_after=(*server.starts_after, JOB),
            url_name=None,
        )
    name = database_name(service)
    # Never through a pooler: docs/decisions/0023-a-database-for-each-service.md.
    return DatabaseConnection(
        host=server.primary.host,
        port=server.primary.port,
        database=name,
        user=f"{name}_{database.login}",
        password=login(service, database.login),
        connections=database.connections,
        reach=server.primary,
        starts_after=(*server.starts_after, JOB),
        url_name=None,
    )


def _list(settings: Settings, databases: Mapping[str, Database]) -> Text:
    """The script that includes the others: once for readers, and once for each own database."""
    lines = ["-- The databases of this stack's services.", ""]
    # database.sql ends in the database that it has created.
    hold = [rf"\ir {HOLD}"] if settings.data.built_in_backup else []
    if any(database.shared for database in databases.values()):
        lines += [r"\ir reader.sql", ""]
    for name, database in databases.items():
        if database.shared:
            continue
        service = settings.api.services[name]
        variables = {
            "service": name,
            "database": database_name(name),
            "connections": connection_limit(settings, service, database),
            "statement_timeout": database.statement_timeout or 0,
            "idle_timeout": database.idle_in_transaction_timeout or 0,
            "extensions": f"'{','.join(database.extensions)}'",
        }
        lines += [f"\\set {variable} {value}" for variable, value in variables.items()]
        lines += [r"\ir database.sql", *hold, ""]
    return Text(template="\n".join(lines[:-1]) + "\n")
