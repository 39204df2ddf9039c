"""The number of rows of each table of a server, and whether those are the recovered ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click
from rich.table import Table

from operations import units
from operations.database_server import DatabaseServer

# By database and table.
Rows = Mapping[tuple[str, str], int]

NAMED = 5

_DATABASES = (
    "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname;"
)
_TABLES = """\
SELECT format('SELECT %L, count(*) FROM %I.%I', nspname || '.' || relname, nspname, relname)
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'r' AND relpersistence = 'p'
  AND nspname <> 'information_schema' AND nspname !~ '^pg_'
ORDER BY nspname, relname
\\gexec
"""


@dataclass(frozen=True, kw_only=True)
class Recovered:
    """What the backup part has recovered, by the id of the restore. `target` says what it is."""

    id: str
    target: str
    size: int
    rows: Rows

    def __str__(self) -> str:
        count = sum(self.rows.values())
        size = units.size(self.size)
        return f"{self.target}: {count} rows, {len(self.rows)} tables, {size}"


def recovered(answer: Mapping[str, Any]) -> Recovered:
    """The answer of `backup recover` or `backup open`."""
    rows = {(row["database"], row["table"]): int(row["rows"]) for row in answer["tables"]}
    return Recovered(id=answer["id"], target=answer["target"], size=answer["size"], rows=rows)


def present(server: DatabaseServer) -> Rows:
    """The rows of the server now."""
    return {
        (database, table): int(count)
        for (database,) in server.rows(_DATABASES)
        for table, count in server.rows(_TABLES, database)
    }


def expect_same(recovered: Rows, present: Rows, stack: str) -> None:
    """Raise ClickException where the server has other rows than those that were recovered."""
    differing = sorted(
        name for name in {**recovered, **present} if recovered.get(name) != present.get(name)
    )
    if differing:
        raise click.ClickException(
            "the server does not have the rows that were recovered:\n"
            + "\n".join(_difference(name, recovered, present) for name in differing[:NAMED])
            + "\nWhat writes to it stays stopped, and the data that it had before is kept. "
            f"The same make restore STACK={stack} tries again."
        )


def table(rows: Rows) -> Table:
    """The rows as a table of the terminal."""
    table = Table("database", "table", "rows", box=None, pad_edge=False)
    for (database, name), count in sorted(rows.items()):
        table.add_row(database, name, str(count))
    return table


def _difference(name: tuple[str, str], recovered: Rows, present: Rows) -> str:
    database, table = name
    return (
        f"  {database}, {table}: {present.get(name, 'no table')} instead of "
        f"{recovered.get(name, 'no table')}"
    )
