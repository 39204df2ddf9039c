"""The contract of PostgreSQL, Redis and their exporters, on servers that run."""

import json
from pathlib import Path

import pytest

from tests.e2e.contracts import engine, postgres
from tests.e2e.contracts.engine import CATALOGUE, HARDENED, LABEL, Container


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
    (folder / "users.acl").write_text("user default off\nuser app on >secret ~* &* +@all\n")
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


def redis(server: Container, *command: str) -> str:
    variables = ["REDISCLI_AUTH=secret"]
    return server.run("redis-cli", "--user", "app", *command, env=variables).stdout.strip()


def test_postgres_runs_as_its_user_with_nothing_but_its_volume_writable(
    database: Container,
) -> None:
    assert database.uids() == {"999"}


def test_the_first_start_makes_the_database_as_its_arguments_say(database: Container) -> None:
    assert postgres.sql(database, "SHOW data_checksums") == ["on"]
    assert postgres.sql(database, "SHOW server_version")[0].startswith("15.")
    assert postgres.sql(database, "SHOW server_encoding") == ["UTF8"]
    stored = "SELECT substr(rolpassword, 1, 13) FROM pg_authid WHERE rolname = 'postgres'"
    assert postgres.sql(database, stored) == ["SCRAM-SHA-256"]


def test_init_files_run_in_order_while_nobody_reaches_the_server_over_tcp(
    database: Container,
) -> None:
    assert postgres.sql(database, "SELECT what FROM seen ORDER BY place") == ["tcp no", "last"]


@pytest.mark.parametrize("place", ["/var/run/postgresql", "127.0.0.1"])
def test_nobody_gets_in_without_the_password(database: Container, place: str) -> None:
    query = ("psql", "-w", "-h", place, "-U", "postgres", "-d", "platform", "-c", "SELECT 1")
    refused = database.run(*query)
    assert refused.returncode != 0
    assert "password" in refused.stderr
    assert database.run(*query, env=["PGPASSWORD=wrong"]).returncode != 0


def test_postgres_ends_cleanly_and_a_second_start_keeps_the_data(database: Container) -> None:
    postgres.sql(database, "CREATE TABLE kept AS SELECT 42 AS answer")
    assert database.stop() == 0
    assert "database system is shut down" in database.logs()
    database.start_again()
    database.until(lambda: postgres.ready(database))
    assert postgres.sql(database, "SELECT answer FROM kept") == ["42"]
    assert len(postgres.sql(database, "SELECT * FROM seen")) == 2


def test_postgres_started_as_root_drops_to_its_user() -> None:
    server = engine.start("postgres", options=(f"--env=POSTGRES_PASSWORD={postgres.PASSWORD}",))
    ready = ("psql", "-h", "127.0.0.1", "-U", "postgres", "-c", "SELECT 1")
    variables = [f"PGPASSWORD={postgres.PASSWORD}"]
    server.until(lambda: server.run(*ready, env=variables).returncode == 0)
    assert server.uids() == {"999"}


def test_postgres_without_a_password_refuses_to_start() -> None:
    server = engine.start("postgres")
    assert server.ended() != 0
    assert "POSTGRES_PASSWORD" in server.logs()


def test_a_first_start_that_fails_ends_with_an_error(tmp_path: Path) -> None:
    """What the next start does differs: the official image takes the half-made directory for
    a database, ours begins anew. The program's health query fails on either."""
    server = postgres.start_server(tmp_path, {"10-wrong.sql": "CREATE TABLE half ();\nSELECT 1/0;"})
    assert server.ended() != 0
    server.start_again()
    if CATALOGUE == "official":
        server.until(lambda: postgres.ready(server))
        assert postgres.sql(server, "SELECT count(*) FROM half") == ["0"]
    else:
        assert server.ended() != 0
        assert server.logs().count("The files belonging to this database system") == 2


def test_redis_takes_a_configuration_and_an_acl_file(cache: Container) -> None:
    assert cache.uids() == {"999"}
    assert cache.run("redis-cli", "PING").stdout.startswith("NOAUTH")
    assert redis(cache, "INFO", "server").count("redis_version:7.") == 1


def test_redis_ends_cleanly_and_keeps_its_data(cache: Container) -> None:
    assert redis(cache, "SET", "kept", "yes") == "OK"
    assert cache.stop() == 0
    cache.start_again()
    cache.until(lambda: redis(cache, "PING") == "PONG")
    assert redis(cache, "GET", "kept") == "yes"


def test_redis_started_as_root_drops_to_its_user_and_answers_other_containers() -> None:
    server = engine.start("redis")
    asking = ("redis-cli", "-h", server.address(), "PING")
    server.until(lambda: engine.once("redis", *asking).strip() == "PONG")
    assert server.uids() == {"999"}


def test_the_postgres_exporter_takes_a_user_and_a_password_file(
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
    asked = exporter.run("wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9187/metrics")
    assert asked.returncode == 0


def test_the_redis_exporter_takes_a_user_and_a_file_of_passwords_by_address(
    cache: Container, tmp_path: Path
) -> None:
    address = f"redis://{cache.address()}:6379"
    tmp_path.chmod(0o755)
    (tmp_path / "passwords.json").write_text(json.dumps({address: "secret"}))
    options = (
        *HARDENED,
        f"--volume={tmp_path}:/run/secrets:ro",
        f"--env=REDIS_ADDR={address}",
        "--env=REDIS_USER=app",
        "--env=REDIS_PASSWORD_FILE=/run/secrets/passwords.json",
    )
    exporter = engine.start("redis-exporter", options=options)
    exporter.until(lambda: "\nredis_up 1" in exporter.get(9121, "/metrics"))
    assert exporter.uids() == {"59000"}


def test_everything_that_these_tests_start_carries_the_label_that_they_clean_by(
    database: Container,
) -> None:
    assert LABEL in engine.inspect(database.id)["Config"]["Labels"]
