"""The job of `make upgrade-database` copies a server with 15 to one with 17, and compares them."""

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from airgap import images
from components.data import upgrade
from components.settings import Upgrade
from components.text import Text
from components.workload import Job
from operations.database_server import DatabaseServer
from tests.e2e.contracts import databases, engine, program
from tests.e2e.contracts.engine import CATALOGUE, Container
from tests.unit.describing import ROOT, catalogue, settings

EVERYTHING = Path(__file__).with_name("upgrade.sql")
SEVENTEEN = {"version": 17}
# A line that differs between two versions, as if the copy had lost something.
LOST = "\nSELECT concat_ws(E'\\t', 'kept', current_setting('server_version_num'));\n"
COPY = f"{upgrade.DIRECTORY}/copy.sh"


@pytest.fixture(scope="module", autouse=True)
def _image() -> None:
    if CATALOGUE == "debian":
        images.ensure_variants(print, ["postgres-17"])


@pytest.fixture(scope="module")
def old(_clean: None, tmp_path_factory: pytest.TempPathFactory) -> Container:
    """A server with 15 that has everything that a copy could lose."""
    server = program.start(tmp_path_factory.mktemp("old"))
    server.until(lambda: program.ready(server))
    everything = ["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname=postgres"]
    databases.inside(server).run([*everything, "--file=-"], stdin=EVERYTHING)
    return server


def job(more: str = "") -> Job:
    """The job, which compares more than it does."""
    job = upgrade.job(settings(), catalogue(), Upgrade(before=15, to=17, run="1"))
    files = tuple(
        replace(file, content=Text(template=file.content.template + more))
        if file.path.endswith("contents.sql")
        else file
        for file in job.files
    )
    return replace(job, files=files)


def options(job: Job, old: Container, volume: str, folder: Path) -> Iterator[str]:
    yield from ("--label", engine.LABEL, "--user=999:999", *engine.HARDENED)
    yield from program.files(job, folder)
    yield from (f"--tmpfs={path}:uid=999,gid=999" for path in job.scratch)
    yield from (f"--env={name}={value}" for name, value in job.env.items())
    yield f"--env=OLD_HOST={old.address()}"
    yield f"--volume={volume}:{job.volumes[0].path}"
    yield f"--memory={job.resources.memory}m"
    yield f"--shm-size={job.shared_memory}m"
    yield f"--entrypoint={job.entrypoint[0]}"


def command(job: Job) -> Sequence[str]:
    return (engine.reference("postgres-17"), *job.entrypoint[1:], *job.command)


def copy(
    old: Container, volume: str, folder: Path, more: str = ""
) -> subprocess.CompletedProcess[str]:
    work = job(more)
    words = ("run", "--rm", *options(work, old, volume, folder), *command(work))
    return engine.docker(*words, check=False)


def start_new(volume: str, folder: Path) -> Container:
    return program.start(folder, SEVENTEEN, volume=volume)


def rows(server: Container, query: str, database: str = "reports") -> list[list[str]]:
    return DatabaseServer(inside=databases.inside(server).inside).rows(query, database)


def test_a_copy_has_everything_and_a_server_of_the_new_version_serves_it(
    old: Container, tmp_path: Path
) -> None:
    volume = engine.volume()
    result = copy(old, volume, tmp_path / "job")
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.splitlines()[-1] == "The copy is whole: 7 tables, 5063 rows."
    assert "ALTER SYSTEM has set log_min_messages. This stays behind" in result.stdout
    new = start_new(volume, tmp_path / "new")
    new.until(lambda: program.ready(new))
    assert rows(new, "SHOW server_version_num;")[0][0].startswith("17")
    assert rows(new, "SHOW work_mem;") == [["3MB"]]
    sequences = "SELECT nextval('archive.used'), nextval('archive.unused');"
    assert rows(new, f"SET default_transaction_read_only = off; {sequences}") == [["42", "40"]]
    assert rows(new, "SELECT length(lo_get(4242)), obj_description(4242, 'pg_largeobject');") == [
        ["12000", "A picture."]
    ]
    assert rows(new, "SELECT count(*) FROM public.orders WHERE text LIKE '%c4ca42%';") == [["1"]]
    # The planner knows the tables already.
    assert rows(new, "SELECT reltuples FROM pg_class WHERE relname = 'orders';") == [["5000"]]
    listed = new.run("sh", "-c", 'cat "${PGDATA%/*}/upgraded"').stdout
    assert "reports\tpublic.orders\t5000\n" in listed

    again = copy(old, volume, tmp_path / "again")
    assert again.returncode != 0
    assert "another server uses the volume" in again.stderr
    new.stop()
    again = copy(old, volume, tmp_path / "again")
    assert again.returncode != 0
    assert "the volume has data that a server has used" in again.stderr


def test_every_column_counts_whatever_its_name_is(old: Container) -> None:
    writing = "SET default_transaction_read_only = off;"

    def counted() -> list[list[str]]:
        contents = (ROOT / upgrade.SCRIPTS / "contents.sql").read_text()
        lines = rows(old, f"{writing}\n{contents}")
        return [line for line in lines if line[:2] == ["rows", "public.named"]]

    before = counted()
    # A table of a publication takes no UPDATE without a key.
    change = "TRUNCATE public.named; INSERT INTO public.named VALUES ('same', 2);"
    rows(old, f"{writing} {change}")
    assert len(counted()) == len(before) == 1
    assert counted() != before


def test_a_copy_that_lacks_something_fails_and_names_it_and_no_server_serves_it(
    old: Container, tmp_path: Path
) -> None:
    volume = engine.volume()
    result = copy(old, volume, tmp_path / "job", LOST)
    assert result.returncode != 0
    assert "< kept\t15" in result.stderr
    assert "> kept\t17" in result.stderr
    assert "the database Odd = 'name' is not the same on both servers" in result.stderr
    server = start_new(volume, tmp_path / "new")
    assert server.wait() != 0
    assert "`make upgrade-database` begins it again" in server.logs()


def test_a_copy_that_is_killed_begins_again(old: Container, tmp_path: Path) -> None:
    volume, work = engine.volume(), job()
    words = ("--detach", *options(work, old, volume, tmp_path / "job"), *command(work))
    killed = Container(id=engine.docker("run", *words).stdout.strip())
    killed.until(lambda: "Copying the database reports" in killed.logs())
    engine.docker("kill", "--signal=KILL", killed.id)
    killed.wait()
    result = copy(old, volume, tmp_path / "job")
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_client_that_could_write_and_a_closed_database_are_refused_by_name(
    old: Container, tmp_path: Path
) -> None:
    volume = engine.volume()
    session = "FROM pg_stat_activity WHERE application_name = 'import';"
    variables = (
        f"--env=PGPASSWORD={databases.password('postgres-password')}",
        "--env=PGAPPNAME=import",
    )
    writing = ("psql", "-h", "127.0.0.1", "-U", "postgres", "-c", "SELECT pg_sleep(60)")
    engine.docker("exec", "--detach", *variables, old.id, *writing)
    old.until(lambda: rows(old, f"SELECT count(*) {session}") == [["1"]])
    result = copy(old, volume, tmp_path / "job")
    rows(old, f"SELECT pg_terminate_backend(pid) {session}")
    assert result.returncode != 0
    assert "postgres from 127.0.0.1 (import)" in result.stderr
    rows(old, "CREATE DATABASE closed ALLOW_CONNECTIONS false;", "postgres")
    result = copy(old, volume, tmp_path / "job")
    rows(old, "DROP DATABASE closed;", "postgres")
    assert result.returncode != 0
    assert "leaves out: the database closed, which accepts no connections" in result.stderr
