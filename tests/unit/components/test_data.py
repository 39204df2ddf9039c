"""The data tier's description: PostgreSQL, its exporter, and how a service reaches it."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from components import data, database
from components.settings import container_rules
from components.workload import Command, Health, Http, Outside, Workload
from tests.unit.describing import ROOT, catalogue, settings
from tests.unit.rendering import Rendered, render

EXTERNAL: dict[str, dict[str, Any]] = {
    "data": {
        "mode": "external",
        "external": {
            "host": "db.example.com",
            "port": 5433,
            "user": "me",
            "password": "p@ss",
            "cidrs": ["10.0.0.0/8"],
        },
    }
}


def postgres(**given: Any) -> Workload:
    return data.postgres(settings({"data": given}), catalogue())


def contents(workload: Workload) -> dict[str, str]:
    return {file.path: file.content.template for file in workload.files}


@pytest.fixture(scope="module")
def external() -> Rendered:
    return render(EXTERNAL, secret=("data",))


def test_services_connect_as_the_application_and_not_as_its_owner() -> None:
    connection = data.connection(settings())
    assert connection.user == "platform_app"
    assert connection.url.fill({"postgres-app-password": "pw"}) == (
        "postgresql://platform_app:pw@ai-platform-postgres:5432/platform"
    )
    assert connection.reach == database.POSTGRES
    assert connection.starts_after == ("postgres",)


def test_a_connection_to_an_external_server_is_what_the_settings_say() -> None:
    connection = data.connection(settings(EXTERNAL, secret=("data",)))
    assert connection.url.fill({"database-password": "p@ss"}) == (
        "postgresql://me:p%40ss@db.example.com:5433/platform"
    )
    assert connection.password.given == "p@ss"
    assert connection.reach == Outside(name="database", ports=(5433,), cidrs=("10.0.0.0/8",))
    assert connection.starts_after == ()


def external_tls(**given: Any) -> dict[str, Any]:
    server = EXTERNAL["data"]["external"]
    return {"data": {"mode": "external", "external": server | given}}


def test_a_connection_speaks_tls_as_the_settings_say() -> None:
    connection = data.connection(settings(external_tls(sslmode="require"), secret=("data",)))
    assert connection.url.fill({"database-password": "pw"}).endswith("/platform?sslmode=require")
    assert connection.files == ()


def test_a_connection_that_checks_the_server_has_the_authoritys_certificate() -> None:
    given = external_tls(sslmode="verify-full", ca="-----BEGIN CERTIFICATE-----\nMII\n")
    connection = data.connection(settings(given, secret=("data",)))
    url = urlsplit(connection.url.fill({"database-password": "pw"}))
    assert parse_qs(url.query) == {
        "sslmode": ["verify-full"],
        "sslrootcert": [container_rules.DATABASE_CA],
    }
    backend = render(given, secret=("data",)).containers()["backend"]
    contents = {each["file"]: each["content"] for each in backend["uploads"]}
    assert contents[container_rules.DATABASE_CA] == "-----BEGIN CERTIFICATE-----\nMII\n"


def test_an_external_server_leaves_nothing_to_run(external: Rendered) -> None:
    assert not {"postgres", "postgres-exporter"} & set(external.containers())
    assert not [name for name in external.of_type("RandomPassword") if "postgres" in name]
    assert "database" not in external.outputs["logins"]


def test_the_backend_gets_the_external_servers_address(external: Rendered) -> None:
    uploads = external.containers()["backend"]["uploads"]
    assert "postgresql://me:p%40ss@db.example.com:5433/platform" in {u["content"] for u in uploads}


def test_the_data_lives_below_the_root_of_a_kept_volume() -> None:
    (volume,) = postgres().volumes
    assert volume.keep
    assert postgres().env["PGDATA"].startswith(f"{volume.path}/")


def test_every_role_has_a_password_of_its_own_that_is_kept_with_the_data() -> None:
    passwords = (database.SUPERUSER, database.OWNER, database.APPLICATION, database.MONITOR)
    assert len({password.name for password in passwords}) == 4
    assert all(password.keep for password in passwords)
    assert {password.path for password in passwords} <= set(contents(postgres()))


def test_the_first_start_runs_what_is_in_database_init() -> None:
    scripts = {path.name: path.read_text() for path in (ROOT / "database" / "init").iterdir()}
    assert scripts
    found = {
        path.removeprefix("/docker-entrypoint-initdb.d/"): content
        for path, content in contents(postgres()).items()
        if path.startswith("/docker-entrypoint-initdb.d/")
    }
    assert found == scripts


def test_the_first_start_turns_on_checksums_and_scram_for_everyone() -> None:
    options = postgres().env["POSTGRES_INITDB_ARGS"].split()
    assert options == [
        "--data-checksums",
        "--auth-local=scram-sha-256",
        "--auth-host=scram-sha-256",
    ]


def test_settings_become_options_of_the_server() -> None:
    command = postgres(memory="2Gi", max_connections=300).command
    assert command[0] == "postgres"
    assert "-cshared_buffers=512MB" in command
    assert "-cmax_connections=300" in command
    assert postgres(memory="2Gi").resources.memory == 2048


def test_ready_is_a_query_by_a_role_with_a_password_over_tcp() -> None:
    """pg_isready says yes for a user or a database that does not exist."""
    ready = postgres().ready
    assert isinstance(ready, Health)
    assert isinstance(ready.ask, Command)
    shell = ready.ask.argv[2]
    assert "SELECT 1" in shell
    assert "-h 127.0.0.1 -U platform_monitor -d platform" in shell
    assert 'PGPASSWORD="$(cat /run/secrets/postgres-monitor-password)"' in shell


def test_alive_tolerates_a_server_that_recovers() -> None:
    alive = postgres().alive
    assert isinstance(alive, Health)
    assert isinstance(alive.ask, Command)
    assert alive.ask.argv[2] == "pg_isready -q -h 127.0.0.1; [ $? -lt 2 ]"


def test_the_server_has_time_to_stop_and_shared_memory_for_parallel_queries() -> None:
    assert postgres().stop_grace == 120
    assert postgres().shared_memory == 256


def test_the_exporter_watches_as_the_monitor_and_in_the_servers_name() -> None:
    exporter = data.exporter(catalogue())
    assert exporter.metrics_of == "postgres"
    assert exporter.env["DATA_SOURCE_USER"] == "platform_monitor"
    assert exporter.env["DATA_SOURCE_PASS_FILE"] == database.MONITOR.path
    assert exporter.reaches == (database.POSTGRES,)
    assert exporter.ready == Health(ask=Http(path="/", port=9187))


def test_the_exporter_asks_the_platforms_own_questions_too() -> None:
    exporter = data.exporter(catalogue())
    path = exporter.env["PG_EXPORTER_EXTEND_QUERY_PATH"]
    queries = (ROOT / "monitoring" / "postgres-exporter" / "queries.yml").read_text()
    assert contents(exporter)[path] == queries
