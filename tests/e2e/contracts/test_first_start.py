"""The first start of PostgreSQL is killed at several moments. The next one has a whole database."""

import time
from pathlib import Path

import pytest

from tests.e2e.contracts import engine, program
from tests.e2e.contracts.engine import Container

# What the server has after a whole first start.
ROLES = "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'platform_%'"
SCHEMA = "SELECT count(*) FROM decisions"
CHECKSUMS = "SHOW data_checksums"
MARK = "/var/lib/postgresql/data/first-start"
PGDATA = "/var/lib/postgresql/data/pgdata"


def kill(server: Container, moment: str) -> None:
    """Kill the server with SIGKILL as soon as this shell condition holds in it."""
    loop = f"for i in $(seq 3000); do {moment} && exit 0; sleep 0.01; done; exit 1"
    assert server.run("sh", "-c", loop).returncode == 0, server.logs()
    engine.docker("kill", "--signal=KILL", server.id)
    server.wait()


@pytest.mark.parametrize(
    "moment",
    [
        f"[ -e {PGDATA}/PG_VERSION ]",  # initdb has begun
        f"[ -e {PGDATA}/postmaster.pid ]",  # the image takes it for a database from here on
        f"[ ! -e {MARK} ]",  # the last script has run
    ],
    ids=["initdb", "scripts", "complete"],
)
def test_a_first_start_that_is_killed_leaves_no_half_database(moment: str, tmp_path: Path) -> None:
    server = program.start(tmp_path)
    kill(server, moment)
    server.restart()
    server.until(lambda: program.ready(server))
    assert program.sql(server, ROLES) == ["3"]
    assert program.sql(server, SCHEMA) == ["0"]
    assert program.sql(server, CHECKSUMS) == ["on"]
    # From now on, a killed server keeps what it has stored.
    assert program.sql(server, "CREATE TABLE kept AS SELECT 42 AS answer") == ["SELECT 1"]
    engine.docker("kill", "--signal=KILL", server.id)
    server.wait()
    server.restart()
    server.until(lambda: program.ready(server))
    assert program.sql(server, "SELECT answer FROM kept") == ["42"]


def test_a_script_that_fails_is_repeated_and_named(tmp_path: Path) -> None:
    """As if somebody had given the wrong files: each start says why, and none serves."""
    server = program.start(tmp_path, broken="20-schema.sql")
    for starts in (1, 2):
        assert server.wait() != 0
        assert server.logs().count("The first start was interrupted.") == starts - 1
        assert server.logs().count("20-schema.sql:1: ERROR") == starts
        server.restart()
        time.sleep(0.1)
