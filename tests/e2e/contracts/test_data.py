"""The contract of PostgreSQL, Redis and their exporters, on running servers."""

import json
from pathlib import Path

import pytest

from components.cache.builtin import MONITOR, MONITOR_USER, USERS
from components.cache.connection import APPLICATION, APPLICATION_USER
from components.text import Text
from tests.e2e.contracts import engine, postgres
from tests.e2e.contracts.engine import HARDENED, LABEL, Container


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Container:
    server = postgres.start_server(tmp_path_factory.mktemp("postgres"))
    server.until(lambda: postgres.ready(server))
    return server


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Container:
    folder = tmp_path_factory.mktemp("redis")
    folder.chmod(0o755)
    (folder / "redis.conf").write_text("appendonly yes\naclfile /etc/redis/users.acl\n")
    users = Text(template=USERS, secrets=(APPLICATION, MONITOR))
    (folder / "users.acl").write_text(
        users.fill({MONITOR.name: "secret", APPLICATION.name: "secret"})
    )
    server = engine.start(
        "redis",
        "redis-server",
        "/etc/redis/redis.conf",
        options=(
            "--user=999:999",
            *HARDENED,
            f"--volume={folder}:/etc/redis:ro",
            f"--volume={engine.volume()}:/data",
        ),
    )
    server.until(lambda: redis(server, "PING") == "PONG")
    return server


def redis(server: Container, *command: str, user: str = APPLICATION_USER) -> str:
    variables = ["REDISCLI_AUTH=secret"]
    return server.run("redis-cli", "--user", user, *command, env=variables).stdout.strip()


def test_postgres_runs_as_its_user_with_only_its_volume_writable(
    database: Container,
) -> None:
    assert database.uids() == {"999"}


def test_the_first_start_creates_the_database_with_its_arguments(database: Container) -> None:
    assert postgres.sql(database, "SHOW data_checksums") == ["on"]
    assert postgres.sql(database, "SHOW server_version")[0].startswith("15.")
    assert postgres.sql(database, "SHOW server_encoding") == ["UTF8"]
    query = "SELECT substr(rolpassword, 1, 13) FROM pg_authid WHERE rolname = 'postgres'"
    assert postgres.sql(database, query) == ["SCRAM-SHA-256"]


def test_init_files_run_in_order_while_the_server_does_not_listen_on_tcp(
    database: Container,
) -> None:
    assert postgres.sql(database, "SELECT entry FROM runs ORDER BY position") == ["tcp no", "last"]


@pytest.mark.parametrize("host", ["/var/run/postgresql", "127.0.0.1"])
def test_a_connection_requires_the_password(database: Container, host: str) -> None:
    query = ("psql", "-w", "-h", host, "-U", "postgres", "-d", "platform", "-c", "SELECT 1")
    result = database.run(*query)
    assert result.returncode != 0
    assert "password" in result.stderr
    assert database.run(*query, env=["PGPASSWORD=wrong"]).returncode != 0


def test_postgres_stops_cleanly_and_a_second_start_keeps_the_data(database: Container) -> None:
    postgres.sql(database, "CREATE TABLE kept AS SELECT 42 AS answer")
    assert database.stop() == 0
    assert "database system is shut down" in database.logs()
    database.restart()
    database.until(lambda: postgres.ready(database))
    assert postgres.sql(database, "SELECT answer FROM kept") == ["42"]
    assert len(postgres.sql(database, "SELECT * FROM runs")) == 2


def test_postgres_started_as_root_drops_to_its_user() -> None:
    server = engine.start("postgres", options=(f"--env=POSTGRES_PASSWORD={postgres.PASSWORD}",))
    ready = ("psql", "-h", "127.0.0.1", "-U", "postgres", "-c", "SELECT 1")
    variables = [f"PGPASSWORD={postgres.PASSWORD}"]
    server.until(lambda: server.run(*ready, env=variables).returncode == 0)
    assert server.uids() == {"999"}


def test_postgres_without_a_password_refuses_to_start() -> None:
    server = engine.start("postgres")
    assert server.wait() != 0
    assert "POSTGRES_PASSWORD" in server.logs()


def test_redis_reads_a_configuration_and_an_acl_file(cache: Container) -> None:
    assert cache.uids() == {"999"}
    assert cache.run("redis-cli", "PING").stdout.startswith("NOAUTH")
    information = redis(cache, "INFO", "server", user=MONITOR_USER)
    assert information.count("redis_version:7.") == 1


def test_nobody_signs_in_to_redis_as_the_default_user(cache: Container) -> None:
    assert redis(cache, "PING", user="default").startswith("NOAUTH")


def test_redis_stops_cleanly_and_keeps_its_data_also_that_of_transactions(
    cache: Container,
) -> None:
    """Redis 7.0 writes what a script does as a transaction, and checks it when it reads it back."""
    assert redis(cache, "SET", "kept", "yes") == "OK"
    script = "redis.call('SET', KEYS[1], 'one'); return redis.call('SET', KEYS[2], 'two')"
    assert redis(cache, "EVAL", script, "2", "first", "second") == "OK"
    assert cache.stop() == 0
    cache.restart()
    cache.until(lambda: redis(cache, "PING") == "PONG")
    assert redis(cache, "MGET", "kept", "first", "second").split() == ["yes", "one", "two"]


def test_redis_started_as_root_drops_to_its_user_and_answers_other_containers() -> None:
    server = engine.start("redis")
    ping = ("redis-cli", "-h", server.address(), "PING")
    server.until(lambda: engine.once("redis", *ping).strip() == "PONG")
    assert server.uids() == {"999"}


def test_the_postgres_exporter_reads_a_user_and_a_password_file(
    database: Container, tmp_path: Path
) -> None:
    options = (
        *HARDENED,
        *postgres.files(tmp_path, {}),
        f"--env=DATA_SOURCE_URI={database.address()}:5432/platform?sslmode=disable",
        "--env=DATA_SOURCE_USER=postgres",
        "--env=DATA_SOURCE_PASS_FILE=/run/secrets/password",
    )
    exporter = engine.start("postgres-exporter", options=options)
    exporter.until(lambda: "\npg_up 1" in exporter.get(9187, "/metrics"))
    assert exporter.uids() == {"65534"}
    result = exporter.run("wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9187/metrics")
    assert result.returncode == 0


def test_the_redis_exporter_reads_a_user_and_a_file_of_passwords_by_address(
    cache: Container, tmp_path: Path
) -> None:
    address = f"redis://{cache.address()}:6379"
    tmp_path.chmod(0o755)
    (tmp_path / "passwords.json").write_text(json.dumps({address: "secret"}))
    options = (
        *HARDENED,
        f"--volume={tmp_path}:/run/secrets:ro",
        f"--env=REDIS_ADDR={address}",
        f"--env=REDIS_USER={MONITOR_USER}",
        "--env=REDIS_PASSWORD_FILE=/run/secrets/passwords.json",
    )
    exporter = engine.start("redis-exporter", options=options)
    exporter.until(lambda: "\nredis_up 1" in exporter.get(9121, "/metrics"))
    assert exporter.uids() == {"59000"}


def test_every_container_of_these_tests_has_the_label_for_their_removal(
    database: Container,
) -> None:
    assert LABEL in engine.inspect(database.id)["Config"]["Labels"]
