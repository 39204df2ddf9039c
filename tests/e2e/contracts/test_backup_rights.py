"""Who may do what on the server for backups: its hba_file, and the rights of the role."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from components.data import backup, builtin, connection
from tests.e2e.contracts import databases, engine, postgres, program
from tests.e2e.contracts.databases import password
from tests.e2e.contracts.engine import Container
from tests.unit.describing import ROOT, catalogue, settings

ROLE = connection.BACKUP_USER
SERVICES = {"reports": {"image": "acme/reports:1", "database": {}}}
# Nobody names this database in a stack file. It is that of a service that is gone.
LEFT = "left-Over"
# What each database has for the tests of locks, beside a table that no backup has.
TABLES = """\
CREATE TABLE plain (id int);
CREATE SCHEMA archive;
CREATE TABLE archive.parted (id int) PARTITION BY RANGE (id);
CREATE TABLE archive."Part 1" PARTITION OF archive.parted FOR VALUES FROM (0) TO (10);
CREATE UNLOGGED TABLE unlogged (id int);
CREATE VIEW shown AS SELECT * FROM plain;
"""
NEWEST = "SELECT pg_current_wal_lsn()"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Container:
    """A server with the database of a service, and one that no service has."""
    server = program.start(tmp_path_factory.mktemp("server"))
    server.until(lambda: program.ready(server))
    assert program.sql(server, f'CREATE DATABASE "{LEFT}"') == ["CREATE DATABASE"]
    run_job(server, tmp_path_factory.mktemp("schema"))
    result = databases.run(databases.job(SERVICES), server, tmp_path_factory.mktemp("services"))
    assert result.returncode == 0, result.stderr
    for database in ("platform", "reports", LEFT):
        superuser(server, TABLES, database)
    return server


def run_job(server: Container, folder: Path, *, backups: bool = True) -> None:
    """Run the job for the roles, of a stack with backups or without."""
    stack = settings({} if backups else {"data": {"backup": False}})
    job = backup.schema_job(stack, catalogue(), builtin.SERVER)
    result = program.run(job, server, folder)
    assert result.returncode == 0, result.stderr


def superuser(server: Container, sql: str, database: str = "platform") -> list[str]:
    """Statements of the superuser, over the socket and without a password."""
    command = ("psql", "-w", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", database, "-qAtc")
    result = server.run(*command, sql)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def psql(
    server: Container,
    role: str,
    *statements: str,
    database: str = "platform",
    secret: str = "",
    go_on: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Statements of one session over TCP, as a role with its password. `go_on`: an error ends only
    its own statement."""
    stop = f"--set=ON_ERROR_STOP={0 if go_on else 1}"
    command = ("psql", "-w", "-h", "127.0.0.1", stop, "-U", role, "-d", database)
    words = [word for statement in statements for word in ("-c", statement)]
    secret = secret or password(connection.BACKUP.name)
    return server.run(*command, "-qAt", *words, env=[f"PGPASSWORD={secret}"])


def as_role(server: Container, *statements: str, database: str = "platform") -> list[str]:
    result = psql(server, ROLE, *statements, database=database)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def hold(server: Container, database: str, *more: str) -> subprocess.CompletedProcess[str]:
    return psql(server, ROLE, "BEGIN; SELECT platform_backup.hold()", *more, database=database)


def streams(server: Container, role: str, secret: str, *options: str) -> str:
    """The answer to a connection for replication; or why there is none."""
    command = ("psql", "-w", f"dbname=replication replication=true user={role}", *options)
    result = server.run(*command, "-Atc", "IDENTIFY_SYSTEM", env=[f"PGPASSWORD={secret}"])
    return result.stdout + result.stderr


def test_the_superuser_of_its_own_container_needs_no_password_and_others_do(
    server: Container,
) -> None:
    assert superuser(server, "SELECT current_user") == ["postgres"]
    for role in (ROLE, connection.OWNER_USER):
        result = server.run("psql", "-w", "-U", role, "-d", "platform", "-c", "SELECT 1")
        assert "fe_sendauth: no password supplied" in result.stderr


def test_over_the_network_everybody_needs_a_password(server: Container) -> None:
    for role in ("postgres", ROLE, connection.OWNER_USER):
        assert "password authentication failed" in psql(server, role, "SELECT 1", secret="x").stderr
    assert program.sql(server, "SELECT current_user") == ["postgres"]


def test_only_the_role_of_backups_streams_and_only_over_the_network(server: Container) -> None:
    tcp, secret = ("-h", "127.0.0.1"), password(connection.BACKUP.name)
    assert streams(server, ROLE, secret, *tcp).count("|") == 3
    assert "password authentication failed" in streams(server, ROLE, "wrong", *tcp)
    nobody = "no pg_hba.conf entry for replication connection"
    assert nobody in streams(server, "postgres", postgres.PASSWORD, *tcp)
    owner = password(connection.OWNER.name)
    assert nobody in streams(server, connection.OWNER_USER, owner, *tcp)
    for role in ("postgres", ROLE):
        assert nobody in streams(server, role, secret)


def test_the_role_may_do_what_backups_and_drills_need(server: Container) -> None:
    (before,) = superuser(server, NEWEST)
    as_role(server, "CHECKPOINT", "SELECT pg_create_restore_point('e2e')", "SELECT pg_switch_wal()")
    assert superuser(server, f"SELECT pg_current_wal_lsn() > '{before}'") == ["t"]
    assert as_role(server, "SHOW data_directory") == [builtin.data_directory(settings())]
    assert as_role(server, "SELECT pg_backup_start('e2e') IS NULL", "SELECT 1") == ["f", "1"]
    slot = "SELECT slot_name FROM pg_create_physical_replication_slot('e2e', true)"
    assert as_role(server, slot, "SELECT pg_drop_replication_slot('e2e')") == ["e2e", ""]


@pytest.mark.parametrize("database", ["platform", "reports", LEFT, "postgres"])
def test_the_role_reads_every_database_and_every_row_and_changes_none(
    server: Container, database: str
) -> None:
    hide = "CREATE TABLE hidden AS SELECT 1 AS id; ALTER TABLE hidden ENABLE ROW LEVEL SECURITY"
    superuser(server, hide, database)
    read = "SELECT count(*) FROM public.hidden"
    assert as_role(server, "SHOW search_path", read, database=database) == ["pg_catalog", "1"]
    refused = {
        "DELETE FROM public.hidden": "permission denied for table hidden",
        "CREATE TABLE public.mine (id int)": "permission denied for schema public",
        "CREATE TABLE platform_backup.mine (id int)": "permission denied for schema platform",
        "CREATE SCHEMA mine": f"permission denied for database {database}",
        "CREATE ROLE mine": "permission denied to create role",
        "SET ROLE postgres": "permission denied to set role",
        "SELECT pg_read_file('PG_VERSION')": "permission denied for function pg_read_file",
        "ALTER SYSTEM SET work_mem = '1MB'": "permission denied",
    }
    errors = psql(server, ROLE, *refused, database=database, go_on=True).stderr.splitlines()
    reasons = [line for line in errors if line.startswith("ERROR:")]
    assert len(reasons) == len(refused)
    assert all(reason in line for reason, line in zip(refused.values(), reasons, strict=True))
    superuser(server, "DROP TABLE hidden", database)


@pytest.mark.parametrize("database", ["platform", "reports", LEFT])
def test_writers_wait_while_a_drill_holds_a_database_and_readers_do_not(
    server: Container, database: str
) -> None:
    write = "SET lock_timeout = '100ms'; INSERT INTO {} VALUES (1)"
    with ThreadPoolExecutor() as threads:
        threads.submit(hold, server, database, "SELECT pg_sleep(30)")
        sleeping = f"FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND usename = '{ROLE}'"
        server.until(lambda: superuser(server, f"SELECT count(*) {sleeping}") == ["1"])
        for table in ("plain", "archive.parted", 'archive."Part 1"'):
            result = server.run("psql", "-U", "postgres", "-d", database, "-c", write.format(table))
            assert "canceling statement due to lock timeout" in result.stderr, table
        superuser(server, "SELECT FROM shown, archive.parted", database)
        # No backup has them.
        superuser(server, write.format("unlogged"), database)
        superuser(server, f"SELECT pg_terminate_backend(pid, 5000) {sleeping}")
    superuser(server, write.format("plain"), database)


def test_a_drill_gives_up_before_a_writer_is_the_victim_of_a_deadlock(
    server: Container,
) -> None:
    """A writer has the last table and wants the first one, which the drill has already."""
    lock = "FROM pg_locks WHERE granted AND relation = {} AND mode = '{}'"
    first = lock.format("'plain'::regclass", "ShareLock")
    last = lock.format("'archive.\"Part 1\"'::regclass", "RowExclusiveLock")
    write = f"""
        BEGIN;
        INSERT INTO archive."Part 1" VALUES (1);
        DO $$ BEGIN WHILE NOT EXISTS (SELECT {first}) LOOP PERFORM pg_sleep(0.01); END LOOP; END $$;
        INSERT INTO plain VALUES (2);
        COMMIT;
    """  # noqa: S608 (names of this file)
    with ThreadPoolExecutor() as threads:
        writer = threads.submit(superuser, server, write, "reports")
        server.until(lambda: superuser(server, f"SELECT count(*) {last}", "reports") == ["1"])
        result = hold(server, "reports")
        assert "canceling statement due to lock timeout" in result.stderr
        writer.result()


def test_a_drill_keeps_no_writer_waiting_behind_a_lock_that_is_held_for_long(
    server: Container,
) -> None:
    """Autovacuum has such a lock, and lets it go for nobody within half a second."""
    lock = "BEGIN; LOCK TABLE plain IN SHARE UPDATE EXCLUSIVE MODE; SELECT pg_sleep(30)"
    sleeping = "FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    with ThreadPoolExecutor() as threads:
        threads.submit(server.run, "psql", "-U", "postgres", "-d", "reports", "-c", lock)
        server.until(lambda: superuser(server, f"SELECT count(*) {sleeping}") == ["1"])
        result = hold(server, "reports")
        assert "lock timeout: public.plain is locked by the client backend" in result.stderr
        superuser(server, f"SELECT pg_terminate_backend(pid, 5000) {sleeping}")


def test_a_drill_that_is_gone_lets_writers_go_on(server: Container) -> None:
    held = hold(server, "reports", "SHOW idle_in_transaction_session_timeout", "SHOW lock_timeout")
    assert held.stdout.split() == ["10s", "0"]


def test_nobody_else_holds_a_database(server: Container) -> None:
    call = "SELECT platform_backup.hold()"
    owner = connection.OWNER_USER
    result = psql(server, owner, call, secret=password(connection.OWNER.name))
    assert "permission denied for schema platform_backup" in result.stderr
    service = databases.query(server, "reports_a", call)
    assert "permission denied for schema platform_backup" in service.stderr


def test_a_service_cannot_put_a_function_of_its_own_in_the_place_of_the_platforms(
    server: Container, tmp_path: Path
) -> None:
    """Each of these would be called by the superuser if names led to the service's schemas."""
    body = "LANGUAGE plpgsql AS $$BEGIN CREATE ROLE planted SUPERUSER; RETURN '1'; END$$"
    planted = (
        "format(text, name, name) RETURNS text",
        "set_config(text, text, boolean) RETURNS text",
    )
    statements = "\n".join(f"CREATE FUNCTION public.{name} {body}" for name in planted)
    databases.rows(server, "reports_a", statements)
    databases.rows(
        server, "reports_a", "ALTER DATABASE reports SET search_path = public, pg_catalog"
    )
    run_job(server, tmp_path / "again")
    assert hold(server, "reports").returncode == 0
    assert superuser(server, "SELECT count(*) FROM pg_roles WHERE rolname = 'planted'") == ["0"]
    drop = "DROP SCHEMA platform_backup CASCADE"
    assert "must be owner of schema" in databases.query(server, "reports_a", drop).stderr
    databases.rows(server, "reports_a", "ALTER DATABASE reports RESET search_path")


def test_a_schema_of_a_service_with_the_platforms_name_is_refused(
    server: Container, tmp_path: Path
) -> None:
    superuser(server, "DROP SCHEMA platform_backup CASCADE", "reports")
    databases.rows(server, "reports_a", "CREATE SCHEMA platform_backup")
    job = backup.schema_job(settings(), catalogue(), builtin.SERVER)
    result = program.run(job, server, tmp_path)
    assert result.returncode != 0
    assert (
        "the database reports has a schema platform_backup of its own: rename it" in result.stderr
    )
    databases.rows(server, "reports_a", "DROP SCHEMA platform_backup")
    run_job(server, tmp_path / "again")
    assert hold(server, "reports").returncode == 0


def test_a_dump_of_a_service_comes_back_without_the_platforms_schema(server: Container) -> None:
    """An import runs as the service, to whom that schema does not belong."""
    command = ("pg_dump", "-U", "postgres", "-d", "reports")
    dump = server.run(*command).stdout
    assert "platform_backup.hold()" in dump
    filter_program = (ROOT / "database" / "import" / "filter.awk").read_text()
    filtered = subprocess.run(
        ["awk", filter_program], input=dump, capture_output=True, text=True, check=True
    ).stdout
    statements = [line for line in filtered.splitlines() if not line.startswith("--")]
    assert not [line for line in statements if "platform_backup" in line or "deadline" in line]
    assert "CREATE TABLE archive.parted" in filtered


def test_without_backups_the_role_and_its_slot_hold_nothing_back(
    server: Container, tmp_path: Path
) -> None:
    """The part still streams when the job runs: the stack removes it at the end of the update."""
    as_role(server, "SELECT pg_create_physical_replication_slot('backup', true)")
    receive = "mkdir /tmp/wal && exec pg_receivewal --no-loop -S backup -D /tmp/wal"
    receiver = engine.start(
        "postgres",
        "-c",
        receive,
        options=(
            "--entrypoint=bash",
            "--tmpfs=/tmp",
            f"--env=PGHOST={server.address()}",
            f"--env=PGUSER={ROLE}",
            f"--env=PGPASSWORD={password(connection.BACKUP.name)}",
        ),
    )
    slots = "SELECT active FROM pg_replication_slots WHERE slot_name = 'backup'"
    receiver.until(lambda: superuser(server, slots) == ["t"])
    run_job(server, tmp_path / "without", backups=False)
    assert superuser(server, slots) == []
    assert receiver.wait() != 0
    assert "password authentication failed" in psql(server, ROLE, "SELECT 1").stderr
    login = "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'platform_backup'"
    assert superuser(server, login) == ["f"]
    run_job(server, tmp_path / "again")
    assert as_role(server, "SELECT 1") == ["1"]
