"""The databases of a stack's server: list them, and remove one that no service uses."""

from collections.abc import Mapping
from dataclasses import dataclass

import click
from rich.table import Table

from components.data.connection import DATABASE
from components.settings import RESERVED_DATABASES, Settings, database_name, nearest
from operations import database_server, stack_file, steps
from operations.database_server import DatabaseServer
from operations.workspace import Workspace

TITLES = ("database", "service", "size", "owner", "connections")
NO_SERVICE = "no service"

_LIST = """\
SELECT datname, pg_get_userbyid(datdba), pg_size_pretty(pg_database_size(oid)),
       (SELECT count(*) FROM pg_stat_activity AS session
         WHERE session.datname = pg_database.datname AND backend_type = 'client backend')
FROM pg_database WHERE datallowconn AND NOT datistemplate AND datname <> 'postgres'
ORDER BY datname <> :'platform', datname;
"""
_DROP = """\
SET client_min_messages = 'warning';
DROP DATABASE :"database";
SELECT format('DROP ROLE %I', rolname) FROM pg_roles
WHERE rolname IN (:'database' || '_a', :'database' || '_b', :'database' || '_owner')
ORDER BY rolname
\\gexec
"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One database of the server. `service` is None for a database that no service has."""

    name: str
    service: str | None
    size: str
    owner: str
    connections: int


def databases(stack: str) -> None:
    """Print the databases of the stack."""
    workspace = Workspace.of(stack)
    settings = stack_file.open_stack(workspace)
    rows = read(database_server.of(workspace, settings), settings)
    table = Table(*TITLES, box=None, pad_edge=False)
    for row in rows:
        table.add_row(
            row.name, row.service or NO_SERVICE, row.size, row.owner, str(row.connections)
        )
    steps.console.print(table)
    if any(row.service is None for row in rows):
        steps.console.print(
            "\nA database without a service stays until you remove it: "
            f"make drop-database STACK={stack} DATABASE=NAME",
            style="dim",
            soft_wrap=True,
        )


def drop_database(stack: str, name: str, *, confirmed: bool) -> None:
    """Remove a database that no service of the stack file has, with its roles. Ask first."""
    if not name:
        raise click.UsageError(f"set DATABASE to a name; make databases STACK={stack} lists them.")
    workspace = Workspace.of(stack)
    settings = stack_file.open_stack(workspace)
    if name in RESERVED_DATABASES:
        raise click.ClickException(f"{name} belongs to the platform or to the server itself.")
    users = owners(settings)
    if name in users:
        raise click.ClickException(
            f"the service {users[name]} of the stack file uses the database {name}. Nothing was "
            f"changed. Remove api.services.{users[name]}.database, and run make up STACK={stack}."
        )
    server = database_server.of(workspace, settings)
    rows = {row.name: row for row in read(server, settings)}
    if name not in rows:
        likely = nearest(name, rows)
        hint = f" The nearest name is {likely}." if likely else ""
        raise click.ClickException(f"the server has no database {name}.{hint}")
    row = rows[name]
    if row.connections:
        raise click.ClickException(
            f"the database {name} has {row.connections} connections. Nothing was changed. If its "
            f"service still runs, make up STACK={stack} removes it."
        )
    steps.console.print(
        f"This removes the database {name} ({row.size}, owner {row.owner}) of the stack {stack} "
        "with all its data, and its roles. Nothing can bring it back.",
        soft_wrap=True,
    )
    if not confirmed and click.prompt("Type the database's name to remove it") != name:
        raise click.ClickException("that is another name. Nothing was changed.")
    server.rows(_DROP, variables={"database": name})
    steps.console.print(f"The database {name} is removed.")


def read(server: DatabaseServer, settings: Settings) -> list[Row]:
    """The databases of the server, the platform's own first."""
    services = {**owners(settings), DATABASE: "the platform's own"}
    return [
        Row(
            name=name,
            service=services.get(name),
            size=size,
            owner=owner,
            connections=int(connections),
        )
        for name, owner, size, connections in server.rows(_LIST, variables={"platform": DATABASE})
    ]


def owners(settings: Settings) -> Mapping[str, str]:
    """The services with a database of their own, by the database's name."""
    return {
        database_name(name): name
        for name, service in settings.api.services.items()
        if service.database and service.database.shared is None
    }
