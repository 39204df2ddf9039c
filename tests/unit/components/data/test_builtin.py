"""PostgreSQL, run by the platform."""

from typing import Any

import pytest

from components.container import Command, Health
from components.data import builtin, connection
from components.workload import Workload
from tests.unit.describing import ROOT, catalogue, settings

FIRST_START = "/docker-entrypoint-initdb.d/"


def postgres(**data: Any) -> Workload:
    return builtin.postgres(settings({"data": data}), catalogue())


def contents(workload: Workload) -> dict[str, str]:
    return {file.path: file.content.template for file in workload.files}


def test_the_data_is_below_the_root_of_a_kept_volume() -> None:
    (volume,) = postgres().volumes
    assert volume.keep
    assert postgres().env["PGDATA"].startswith(f"{volume.path}/")


@pytest.mark.parametrize(
    ("version", "path"), [(15, "/var/lib/postgresql/data"), (18, "/var/lib/postgresql")]
)
def test_the_volume_is_where_the_image_of_its_version_has_it(version: int, path: str) -> None:
    images = {"references": {"postgres": f"postgres:{version}.1"}}
    stack = settings({"data": {"version": version}, "images": images})
    (volume,) = builtin.postgres(stack, catalogue()).volumes
    assert (volume.path, volume.format) == (path, f"PostgreSQL {version}")


def test_every_role_has_its_own_password_which_is_kept_with_the_data() -> None:
    passwords = (
        connection.SUPERUSER,
        connection.OWNER,
        connection.APPLICATION,
        connection.MONITOR,
    )
    assert len({password.name for password in passwords}) == 4
    assert all(password.keep for password in passwords)
    assert {password.path for password in passwords} <= set(contents(postgres()))


def test_only_the_first_start_runs_the_scripts_and_the_last_one_completes_it() -> None:
    sources = {path.name: path.read_text() for path in (ROOT / "database" / "init").iterdir()}
    assert sources
    complete = ROOT / "database" / "first-start" / "complete.sh"
    sources["99-complete.sh"] = complete.read_text()
    scripts = {
        file.path.removeprefix(FIRST_START): (file.content.template, file.first_start)
        for file in postgres().files
        if file.path.startswith(FIRST_START)
    }
    assert scripts == {name: (source, True) for name, source in sources.items()}
    assert list(scripts) == sorted(scripts)


def test_every_start_looks_whether_the_first_one_was_interrupted() -> None:
    """test_start.py runs the script."""
    server = postgres()
    assert server.entrypoint == ("sh", builtin.START)
    start = (ROOT / "database" / "first-start" / "start.sh").read_text()
    assert contents(server)[builtin.START] == start


def test_the_first_start_turns_on_checksums_and_scram() -> None:
    options = postgres().env["POSTGRES_INITDB_ARGS"].split()
    assert options == [
        "--data-checksums",
        "--auth-local=scram-sha-256",
        "--auth-host=scram-sha-256",
    ]


def test_settings_become_server_parameters() -> None:
    server = postgres(
        memory="2Gi", max_connections=300, size="20Gi", parameters={"work_mem": "9MB"}
    )
    assert server.command[0] == "postgres"
    assert "-cshared_buffers=512MB" in server.command
    assert "-cmax_connections=300" in server.command
    assert "-ctemp_file_limit=2048MB" in server.command
    # The settings take precedence over what the platform computes.
    assert [word for word in server.command if "work_mem=" in word] == [
        "-cwork_mem=9MB",
        "-cmaintenance_work_mem=128MB",
        "-cautovacuum_work_mem=42MB",
    ]
    assert (server.resources.memory, server.shared_memory) == (2048, 1024)


def test_ready_is_a_query_by_a_role_with_a_password_over_tcp() -> None:
    """pg_isready succeeds even if the user or the database does not exist."""
    ready = postgres().ready
    assert isinstance(ready, Health)
    assert isinstance(ready.ask, Command)
    shell = ready.ask.argv[2]
    assert "SELECT 1" in shell
    assert "-h 127.0.0.1 -U platform_monitor -d platform" in shell
    assert 'PGPASSWORD="$(cat /run/secrets/postgres-monitor-password)"' in shell


def test_a_recovering_server_is_alive() -> None:
    alive = postgres().alive
    assert isinstance(alive, Health)
    assert isinstance(alive.ask, Command)
    assert alive.ask.argv[2] == "pg_isready -q -h 127.0.0.1; [ $? -lt 2 ]"


def test_the_server_has_time_to_stop_and_shared_memory_for_parallel_queries() -> None:
    assert postgres().stop_grace == 120
    assert postgres().shared_memory == 256


def test_the_server_itself_serves_no_metrics() -> None:
    assert list(postgres().scrape_targets()) == []
