"""Bring a PostgreSQL dump into the database of a service."""

import gzip
import secrets
import subprocess
from pathlib import Path

import click
from rich.table import Table

from components.settings import Settings, database_name
from operations import database_server, databases, stack_file, steps
from operations.database_server import DatabaseServer
from operations.workspace import ROOT, Workspace

DIRECTORY = ROOT / "database" / "import"
GZIP, CUSTOM, TAR = b"\x1f\x8b", b"PGDMP", b"ustar"
# What psql prints after the commit. Without it the transaction was rolled back.
DONE = "The import is committed."

# The whole dump is one transaction of psql. It is committed only if all programs before psql have
# read the dump to its end.
_IMPORT = r"""
set -o pipefail
export LC_ALL=C
unpack=$1 convert=$2 filter=$3 before=$4 after=$5 database=$6 owner=$7
{
    printf '%s\n' "$before"
    $unpack | $convert | awk "$filter" && printf '%s\n' "$after"
} | psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=owner="$owner" --output=/dev/null \
    --dbname="$database" --file=-
"""
_TABLES = """\
SELECT format('SELECT %L, count(*) FROM %I.%I', nspname || '.' || relname, nspname, relname)
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind IN ('r', 'p') AND NOT relispartition
  AND nspname <> 'information_schema' AND nspname !~ '^pg_'
  AND NOT EXISTS (SELECT FROM pg_depend
                   WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')
ORDER BY nspname, relname
\\gexec
"""


def import_dump(stack: str, dump: Path, service: str, *, replace: str | None) -> None:
    """Bring a dump into a service's own database, whose owner owns everything then.

    `replace` is the name of the database, whose content goes.
    """
    workspace = Workspace.of(stack)
    settings = stack_file.open_stack(workspace)
    name = _database(settings, service)
    unpack, convert = programs(dump)
    server = database_server.of(workspace, settings)
    if [name] not in server.rows("SELECT datname FROM pg_database;"):
        raise click.ClickException(
            f"the server has no database {name}. make up STACK={stack} creates it."
        )
    existing = server.rows(_TABLES, name)
    if existing and replace != name:
        raise click.ClickException(
            f"the database {name} has {len(existing)} tables. Nothing was changed. REPLACE={name} "
            "removes all its tables, in the same transaction as the import."
        )
    with steps.step(f"Import {dump} into the database {name}"):
        _run(
            server,
            dump,
            name,
            stack=stack,
            replacing=replace == name,
            unpack=unpack,
            convert=convert,
        )
    table = Table("table", "rows", box=None, pad_edge=False)
    for row in server.rows(_TABLES, name):
        table.add_row(*row)
    steps.console.print(table)


def programs(dump: Path) -> tuple[str, str]:
    """The commands that unpack a dump, and that turn it into SQL."""
    if dump.is_dir():
        raise click.ClickException(
            f"{dump} is a directory. Use a dump in the custom format (pg_dump -Fc) or in SQL."
        )
    with dump.open("rb") as file:
        packed = file.read(2) == GZIP
    try:
        with gzip.open(dump) if packed else dump.open("rb") as file:
            head = file.read(512)
    except (gzip.BadGzipFile, EOFError):
        raise click.ClickException(f"{dump} is not a complete gzip file.") from None
    archive = head.startswith(CUSTOM) or head[257:262] == TAR
    restore = "pg_restore --file=- --no-owner --no-privileges"
    return "gzip -dc" if packed else "cat", restore if archive else "cat"


def _database(settings: Settings, service: str) -> str:
    """The database of a service. Raises UsageError if the service has no database of its own."""
    own = sorted(databases.owners(settings).values())
    if service not in own:
        raise click.UsageError(
            f"SERVICE={service} has no database of its own. These services have one: "
            + (", ".join(own) or "none")
        )
    return database_name(service)


def _run(
    server: DatabaseServer,
    dump: Path,
    name: str,
    *,
    stack: str,
    replacing: bool,
    unpack: str,
    convert: str,
) -> None:
    owner = f"{name}_owner"
    clear = (DIRECTORY / "replace.sql").read_text() if replacing else ""
    # Until it reads the key again, psql refuses its own commands, such as those of a shell.
    key = secrets.token_hex(16)
    # The limit on the temporary files of one session would end a large index.
    before = (
        f"BEGIN;\nSET LOCAL temp_file_limit = -1;\n{clear}"
        f'SET ROLE :"owner";\nSET search_path = public;\n\\restrict {key}'
    )
    after = f"\\unrestrict {key}\nRESET ROLE;\nRESET search_path;\nCOMMIT;\n\\echo {DONE}\nANALYZE;"
    filter_program = (DIRECTORY / "filter.awk").read_text()
    arguments = [unpack, convert, filter_program, before, after, name, owner]
    try:
        output = server.run(["bash", "-c", _IMPORT, "bash", *arguments], stdin=dump)
    except subprocess.CalledProcessError as error:
        raise click.ClickException(_failure(name, error.stderr, stack)) from None
    if DONE not in output.splitlines():
        raise click.ClickException(
            _failure(name, "The dump ended the session before its end.", stack)
        )


def _failure(database: str, output: str, stack: str) -> str:
    hint = ""
    if "permission denied to create extension" in output:
        hint = (
            "\nList the extension in the service's database.extensions, and run make up "
            f"STACK={stack}."
        )
    return f"the import failed, and the database {database} is as before.\n{output.strip()}{hint}"
