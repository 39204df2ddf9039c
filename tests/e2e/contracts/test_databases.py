"""The databases of services, created by their job on a running server of the platform."""

import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from components.workload import Job
from operations import import_dump
from tests.e2e.contracts import databases, engine, postgres
from tests.e2e.contracts.databases import password, query, rows, run
from tests.e2e.contracts.engine import Container
from tests.unit.describing import ROOT

SERVICES: Mapping[str, Any] = {
    "reports": {
        "image": "acme/reports:1",
        "database": {
            "connections": 2,
            "statement_timeout": 7,
            "idle_in_transaction_timeout": None,
            "extensions": ["pg_trgm", "uuid-ossp"],
        },
    },
    "sales-eu": {"image": "acme/sales:1", "database": {}},
    "charts": {"image": "acme/charts:1", "database": {"shared": "read-only"}},
}


def job(services: Mapping[str, Any] = SERVICES) -> Job:
    return databases.job(services)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Container:
    server = databases.start(tmp_path_factory.mktemp("server"))
    result = run(job(), server, tmp_path_factory.mktemp("job"))
    assert result.returncode == 0, result.stdout + result.stderr
    return server


def test_a_second_run_changes_nothing_but_the_passwords(server: Container, tmp_path: Path) -> None:
    catalogs = (
        "SELECT rolname, rolcanlogin, rolinherit, rolconnlimit FROM pg_roles ORDER BY 1",
        "SELECT setdatabase::regclass, setrole::regrole, setconfig FROM pg_db_role_setting"
        " ORDER BY setrole::regrole::text",
        "SELECT datname, datdba::regrole, datacl FROM pg_database ORDER BY 1",
        "SELECT roleid::regrole, member::regrole FROM pg_auth_members ORDER BY 1, 2",
    )
    before = [postgres.sql(server, sql) for sql in catalogs]
    result = run(job(), server, tmp_path / "changed", suffix="!")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert [postgres.sql(server, sql) for sql in catalogs] == before
    assert query(server, "reports_a", "SELECT 1").returncode == 2
    assert query(server, "reports_a", "SELECT 1", suffix="!").returncode == 0
    assert query(server, "platform_reader", "SELECT 1", "platform", suffix="!").returncode == 0
    assert run(job(), server, tmp_path / "again").returncode == 0


def test_both_logins_work_as_the_owner_whatever_a_driver_resets(server: Container) -> None:
    resets = ("SELECT 1", "RESET ALL", "DISCARD ALL", "RESET ROLE", "RESET SESSION AUTHORIZATION")
    for number, reset in enumerate(resets):
        for creator, other in (("a", "b"), ("b", "a")):
            table = f"made_by_{creator}_{number}"
            rows(server, f"reports_{creator}", f"{reset}\nCREATE TABLE {table} (id serial)")
            alter = f"{reset}\nALTER TABLE {table} ADD COLUMN note text\nDROP TABLE {table}"
            rows(server, f"reports_{other}", alter)
    assert rows(server, "reports_a", "SELECT session_user, current_user") == [
        "reports_a|reports_owner"
    ]


def test_a_login_role_itself_can_create_nothing(server: Container) -> None:
    result = query(server, "reports_a", "SET ROLE NONE\nCREATE TABLE public.stray (id int)")
    assert "permission denied for schema public" in result.stderr


def test_a_service_may_create_tables_schemas_and_trusted_extensions(server: Container) -> None:
    rows(server, "sales_eu_a", "CREATE SCHEMA archive\nCREATE TABLE archive.t (id int)", "sales_eu")
    rows(server, "sales_eu_b", "DROP SCHEMA archive CASCADE", "sales_eu")
    rows(server, "sales_eu_a", "CREATE EXTENSION hstore\nDROP EXTENSION hstore", "sales_eu")


def test_a_database_has_the_extensions_of_its_list(server: Container) -> None:
    sql = "SELECT extname FROM pg_extension ORDER BY 1"
    assert rows(server, "reports_a", sql) == ["pg_trgm", "plpgsql", "uuid-ossp"]
    assert rows(server, "sales_eu_a", sql, "sales_eu") == ["plpgsql"]
    assert rows(server, "reports_b", "SELECT similarity('abc', 'abc')") == ["1"]


@pytest.mark.parametrize("database", ["platform", "postgres", "template1", "sales_eu"])
def test_a_service_reaches_no_other_database(server: Container, database: str) -> None:
    command = ("psql", "-h", "127.0.0.1", "-U", "reports_a", "-d", database, "-c", "SELECT 1")
    variables = [f"PGPASSWORD={password('postgres-reports-a-password')}"]
    result = server.run(*command, env=variables)
    assert result.returncode == 2
    assert f'permission denied for database "{database}"' in result.stderr


def test_the_platforms_own_roles_reach_no_database_of_a_service(server: Container) -> None:
    command = ("psql", "-h", "127.0.0.1", "-U", "platform_app", "-d", "reports", "-c", "SELECT 1")
    result = server.run(*command, env=[f"PGPASSWORD={password('postgres-app-password')}"])
    assert 'permission denied for database "reports"' in result.stderr


def test_an_owner_cannot_log_in_and_no_role_may_do_more_than_its_database(
    server: Container,
) -> None:
    sql = (
        "SELECT rolname, rolcanlogin FROM pg_roles WHERE (rolname ~ '^(reports|sales_eu)_'"
        " OR rolname = 'platform_reader')"
        " AND NOT (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)"
    )
    assert set(postgres.sql(server, sql)) == {
        "platform_reader|t",
        *(f"{name}_{role}|t" for name in ("reports", "sales_eu") for role in "ab"),
        "reports_owner|f",
        "sales_eu_owner|f",
    }


def test_settings_become_time_outs_and_limits(server: Container) -> None:
    """One replica with two connections each, and two more for a step beside it."""
    sql = "SHOW statement_timeout\nSHOW idle_in_transaction_session_timeout"
    assert rows(server, "reports_a", sql) == ["7s", "0"]
    assert rows(server, "sales_eu_b", sql, "sales_eu") == ["0", "1min"]
    limit = "SELECT rolconnlimit FROM pg_roles WHERE rolname ~ '^reports_[ab]$'"
    assert postgres.sql(server, limit) == ["4", "4"]


def test_a_reader_sees_present_and_future_tables_and_changes_nothing(server: Container) -> None:
    def as_owner(sql: str) -> None:
        postgres.sql(server, f"SET ROLE platform_owner; {sql}")

    def read(sql: str) -> subprocess.CompletedProcess[str]:
        return query(server, "platform_reader", sql, "platform")

    as_owner("CREATE TABLE later AS SELECT 42 AS answer")
    as_owner("CREATE SCHEMA more")
    as_owner("CREATE TABLE more.later AS SELECT 43 AS answer")
    assert rows(server, "platform_reader", "SELECT count(*) FROM decisions", "platform") == ["0"]
    assert rows(server, "platform_reader", "SELECT answer FROM later", "platform") == ["42"]
    assert rows(server, "platform_reader", "SELECT answer FROM more.later", "platform") == ["43"]
    assert "read-only transaction" in read("CREATE TABLE mine (id int)").stderr
    for sql in ("CREATE TABLE public.mine (id int)", "INSERT INTO later VALUES (1)"):
        result = read(f"SET default_transaction_read_only = off\n{sql}")
        assert "permission denied" in result.stderr
    assert "permission denied" in read("SELECT rolpassword FROM pg_authid").stderr
    as_owner("DROP SCHEMA more CASCADE")
    as_owner("DROP TABLE later")


def test_a_service_cannot_give_its_functions_to_the_superuser(
    server: Container, tmp_path: Path
) -> None:
    """The job and the verbs work in the database of a service, where the service may create
    functions and choose the search path."""
    trap = "BEGIN ALTER ROLE reports_a SUPERUSER; RETURN NULL; END"
    signatures = ("(text, text)", "(text, name)", "(text, text, name, name)")
    for signature in signatures:
        function = f"public.format{signature} RETURNS text LANGUAGE plpgsql AS '{trap}'"
        rows(server, "reports_a", f"CREATE FUNCTION {function}")
    rows(server, "reports_a", "ALTER DATABASE reports SET search_path = public, pg_catalog")
    result = run(job(), server, tmp_path / "job")
    superusers = "SELECT rolname FROM pg_roles WHERE rolsuper"
    assert postgres.sql(server, superusers) == ["postgres"]
    databases.inside(server).rows(import_dump._TABLES, "reports")
    assert postgres.sql(server, superusers) == ["postgres"]
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    rows(server, "reports_a", "ALTER DATABASE reports RESET search_path")
    for signature in signatures:
        rows(server, "reports_a", f"DROP FUNCTION public.format{signature}")


def test_an_extension_that_the_server_lacks_is_named_with_its_setting(
    server: Container, tmp_path: Path
) -> None:
    lacking = {"image": "acme/search:1", "database": {"extensions": ["vector", "citext"]}}
    result = run(job({"search": lacking}), server, tmp_path / "job")
    assert result.returncode == 3
    assert (
        "The server does not have the extension vector of api.services.search.database.extensions"
        in result.stderr
    )
    assert postgres.sql(server, "SELECT 1 FROM pg_roles WHERE rolname = 'search_owner'") == []


def test_a_missing_password_creates_no_role(server: Container, tmp_path: Path) -> None:
    whole = job({"search": {"image": "acme/search:1", "database": {}}})
    files = tuple(file for file in whole.files if "search-b" not in file.path)
    incomplete = Job(**{**vars(whole), "files": files})
    result = run(incomplete, server, tmp_path / "job")
    assert result.returncode == 3
    assert "a password file in /run/secrets is missing or empty" in result.stderr
    assert postgres.sql(server, "SELECT 1 FROM pg_roles WHERE rolname = 'search_owner'") == []


def test_the_server_logs_no_password(server: Container) -> None:
    time.sleep(0.5)
    logs = server.logs()
    assert "CREATE DATABASE reports" in logs
    for name in ("postgres-reports-a-password", "postgres-reader-password"):
        assert password(name).replace("'", "''") not in logs
        assert "SCRAM-SHA-256$" not in logs
        assert f"{name}''s" not in logs


def test_the_exporter_tells_of_every_database_and_login(server: Container, tmp_path: Path) -> None:
    archive = ("pg_receivewal", "-h", "127.0.0.1", "-U", "postgres", "-D", "/tmp")
    engine.docker("exec", "-d", f"--env=PGPASSWORD={postgres.PASSWORD}", server.id, *archive)
    slow = ("psql", "-h", "127.0.0.1", "-U", "postgres", "-c", "SELECT pg_sleep(60)")
    engine.docker("exec", "-d", f"--env=PGPASSWORD={postgres.PASSWORD}", server.id, *slow)
    tmp_path.chmod(0o755)
    secret = tmp_path / "password"
    secret.write_text(password("postgres-monitor-password"))
    queries = ROOT / "monitoring" / "postgres-exporter" / "queries.yml"
    exporter = engine.start(
        "postgres-exporter",
        options=(
            *engine.HARDENED,
            f"--volume={secret}:/run/secrets/password:ro",
            f"--volume={queries}:/etc/queries.yml:ro",
            f"--env=DATA_SOURCE_URI={server.address()}:5432/platform?sslmode=disable",
            "--env=DATA_SOURCE_USER=platform_monitor",
            "--env=DATA_SOURCE_PASS_FILE=/run/secrets/password",
            "--env=PG_EXPORTER_EXTEND_QUERY_PATH=/etc/queries.yml",
        ),
    )
    exporter.until(lambda: "\npg_up 1" in exporter.get(9187, "/metrics"))
    metrics = exporter.get(9187, "/metrics")
    for database in ("platform", "reports", "sales_eu"):
        for name in (
            "pg_database_size_bytes",
            "pg_stat_database_deadlocks",
            "pg_stat_activity_count",
            "platform_postgres_database_oldest_transaction_seconds",
        ):
            assert any(
                line.startswith(f"{name}{{") and f'datname="{database}"' in line
                for line in metrics.splitlines()
            ), (name, database)
    assert "\npg_exporter_last_scrape_error 0\n" in metrics, exporter.logs()
    at = f'server="{server.address()}:5432"'
    for name, value in (("connection_limit", "4"), ("connections", "0")):
        assert exported(metrics, f'login_{name}{{role="reports_a",{at}}}') == value
    for name in ("wal_size_bytes", "wal_expected_bytes"):
        assert float(exported(metrics, f"{name}{{{at}}}")) > 0
    assert exported(metrics, f'replica_lag_seconds{{replica="pg_receivewal",{at}}}') == "0"
    assert exported(metrics, f'database_slow_queries{{datname="reports",{at}}}') == "0"
    slow_queries = f'database_slow_queries{{datname="postgres",{at}}}'
    exporter.until(lambda: exported(exporter.get(9187, "/metrics"), slow_queries) == "1")


def exported(metrics: str, series: str) -> str:
    """The value of a series of the platform's own queries."""
    start = f"platform_postgres_{series} "
    (value,) = (line.removeprefix(start) for line in metrics.splitlines() if line.startswith(start))
    return value
