"""Dumps of another server in the database of a service, on a running server."""

import base64
import gzip
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from operations import database_server, import_dump
from operations.workspace import Workspace
from tests.e2e.contracts import databases
from tests.e2e.contracts.databases import inside, rows, run
from tests.e2e.contracts.engine import Container

# The old server's database: another owner, a reader, and what only a superuser may comment on.
OLD = r"""
CREATE ROLE old_owner; CREATE ROLE old_reader; CREATE DATABASE old OWNER old_owner;
\connect old
CREATE EXTENSION pg_trgm SCHEMA public;
SET ROLE old_owner;
SET search_path = public;
RESET ROLE; GRANT CREATE ON SCHEMA public TO old_owner; SET ROLE old_owner;
CREATE TABLE items (id serial PRIMARY KEY, note text);
INSERT INTO items (note) SELECT 'note ' || n FROM generate_series(1, 1000) AS n;
INSERT INTO items (note) VALUES (E'GRANT it''s all;\nALTER TABLE x OWNER TO y;');
CREATE INDEX similar_notes ON items USING gin (note gin_trgm_ops);
CREATE SCHEMA archive;
CREATE TABLE archive.years (year int);
INSERT INTO archive.years VALUES (2024), (2025);
CREATE FUNCTION greet() RETURNS text LANGUAGE plpgsql AS $f$
BEGIN
-- The next line is text of a function.
GRANT SELECT ON items TO CURRENT_USER;
RETURN 'hello';
END $f$;
GRANT SELECT ON items TO old_reader;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO old_reader;
"""
TABLES = [["archive.years", "2"], ["public.items", "1001"]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Container:
    server = databases.start(tmp_path_factory.mktemp("server"))
    services = {
        "reports": {"image": "acme/reports:1", "database": {"extensions": ["pg_trgm"]}},
        "empty": {"image": "acme/empty:1", "database": {}},
    }
    result = run(databases.job(services), server, tmp_path_factory.mktemp("job"))
    assert result.returncode == 0, result.stderr
    inside(server).rows(OLD)
    return server


@pytest.fixture
def workspace(
    server: Container, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workspace]:
    """A stack whose server is the contract's."""
    config = tmp_path / "Pulumi.dev.yaml"
    config.write_text(
        "config: {'ai-platform:target': docker, 'ai-platform:api': {services: {"
        "reports: {image: 'acme/reports:1', database: {extensions: [pg_trgm]}},"
        "empty: {image: 'acme/empty:1', database: {}}}}}"
    )
    workspace = Workspace(stack="dev", config=config, data=tmp_path)
    monkeypatch.setattr(Workspace, "of", lambda stack: workspace)
    monkeypatch.setattr(database_server, "of", lambda workspace, settings: inside(server))
    yield workspace
    empty = (import_dump.DIRECTORY / "replace.sql").read_text()
    inside(server).rows(f"BEGIN;{empty}COMMIT;", "reports", {"owner": "reports_owner"})


def dump(server: Container, folder: Path, *options: str, packed: bool = False) -> Path:
    """A dump of the old database."""
    path = folder / ("old.dump.gz" if packed else "old.dump")
    shell = f"pg_dump {' '.join(options)} old | base64"
    content = base64.b64decode(inside(server).run(["sh", "-c", shell]))
    path.write_bytes(gzip.compress(content) if packed else content)
    return path


@pytest.mark.parametrize("options", [("-Fc",), ("-Ft",), (), ("--inserts",)])
@pytest.mark.parametrize("packed", [False, True])
def test_a_dump_arrives_whole_and_belongs_to_the_services_owner(
    workspace: Workspace,
    server: Container,
    tmp_path: Path,
    options: tuple[str, ...],
    packed: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = dump(server, tmp_path, *options, packed=packed)
    import_dump.import_dump("dev", path, "reports", replace=None)
    assert inside(server).rows(import_dump._TABLES, "reports") == TABLES
    assert "public.items" in capsys.readouterr().out
    owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname IN ('public', 'archive')"
    assert rows(server, "reports_a", owners) == ["reports_owner"]
    written = "SELECT note FROM items WHERE note LIKE 'GRANT%'"
    assert len(rows(server, "reports_b", written)) == 2
    assert rows(
        server,
        "reports_a",
        "SELECT prosrc LIKE '%GRANT SELECT%' FROM pg_proc WHERE proname = 'greet'",
    ) == ["t"]


def test_a_database_with_tables_is_replaced_only_by_its_name(
    workspace: Workspace, server: Container, tmp_path: Path
) -> None:
    rows(server, "reports_a", "CREATE TABLE mine AS SELECT 1 AS one")
    path = dump(server, tmp_path, "-Fc")
    for replace in (None, "1", "empty"):
        with pytest.raises(click.ClickException, match=r"has 1 tables\. Nothing"):
            import_dump.import_dump("dev", path, "reports", replace=replace)
    import_dump.import_dump("dev", path, "reports", replace="reports")
    assert inside(server).rows(import_dump._TABLES, "reports") == TABLES
    rows(server, "reports_b", "CREATE TABLE more (id int)\nDROP TABLE more")
    assert rows(server, "reports_a", "SELECT extname FROM pg_extension ORDER BY 1") == [
        "pg_trgm",
        "plpgsql",
    ]


@pytest.mark.parametrize("options", [("-Fc",), ()])
def test_a_truncated_dump_changes_nothing(
    workspace: Workspace, server: Container, tmp_path: Path, options: tuple[str, ...]
) -> None:
    rows(server, "reports_a", "CREATE TABLE mine AS SELECT 1 AS one")
    path = dump(server, tmp_path, *options)
    content = path.read_bytes()
    # The last lines, which no import needs, are shorter.
    for length in (len(content) // 3, len(content) - 200):
        path.write_bytes(content[:length])
        with pytest.raises(click.ClickException, match="the database reports is as before"):
            import_dump.import_dump("dev", path, "reports", replace="reports")
    path.write_bytes(gzip.compress(content)[:-30])
    with pytest.raises(click.ClickException, match="the database reports is as before"):
        import_dump.import_dump("dev", path, "reports", replace="reports")
    assert rows(server, "reports_a", "SELECT one FROM mine\nDROP TABLE mine") == ["1"]


def test_a_missing_extension_is_named_with_the_setting(
    workspace: Workspace, server: Container, tmp_path: Path
) -> None:
    path = tmp_path / "dump.sql"
    path.write_text('CREATE EXTENSION IF NOT EXISTS "pg_buffercache";\n')
    with pytest.raises(click.ClickException, match="List the extension in"):
        import_dump.import_dump("dev", path, "empty", replace=None)


def test_an_index_may_need_more_temporary_files_than_a_session_may_have(
    workspace: Workspace, server: Container, tmp_path: Path
) -> None:
    path = tmp_path / "dump.sql"
    path.write_text(
        "SET maintenance_work_mem = '1MB';\n"
        "CREATE TABLE large AS SELECT md5(n::text) AS value FROM generate_series(1, 100000) AS n;\n"
        "CREATE INDEX large_values ON large (value);\n"
    )
    limit = "ALTER SYSTEM {} temp_file_limit{};\nSELECT pg_reload_conf();"
    inside(server).rows(limit.format("SET", " = '64kB'"))
    sorting = "SELECT count(*) FROM (SELECT md5(n::text) FROM generate_series(1, 200000) AS n"
    with pytest.raises(subprocess.CalledProcessError):
        inside(server).rows(f"{sorting} ORDER BY 1 OFFSET 0) AS sorted;")
    import_dump.import_dump("dev", path, "reports", replace=None)
    inside(server).rows(limit.format("RESET", ""))
    indexes = "SELECT count(*) FROM pg_indexes WHERE indexname = 'large_values'"
    assert inside(server).rows(indexes, "reports") == [["1"]]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("\\connect postgres\n", "connects to a database"),
        ("CREATE ROLE other;\n", "changes databases or roles"),
        ("\\q\n", "backslash commands are restricted"),
        ("\\! touch /tmp/stray\n", "backslash commands are restricted"),
        ("SELECT 1 \\g |cat\n", "backslash commands are restricted"),
        ("-- PostgreSQL database dump\nSELECT 1;\n", "is not complete"),
        ("SELECT 1/0;\n", "division by zero"),
    ],
)
def test_a_dump_that_does_more_or_less_is_refused(
    workspace: Workspace, server: Container, tmp_path: Path, text: str, reason: str
) -> None:
    path = tmp_path / "dump.sql"
    path.write_text(f"CREATE TABLE early (id int);\n{text}")
    with pytest.raises(click.ClickException, match=reason):
        import_dump.import_dump("dev", path, "empty", replace=None)
    assert inside(server).rows(import_dump._TABLES, "empty") == []
