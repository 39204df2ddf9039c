"""The step before the server that puts restored data in the place of the server's own."""

import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from components.data import backup, builtin, restore
from components.data.connection import BACKUP
from tests.e2e.contracts import engine, program
from tests.e2e.contracts.engine import Container
from tests.unit.describing import catalogue, settings

STACK = settings()
DATA = builtin.directory(STACK.data.version)
PGDATA = builtin.data_directory(STACK)
STEP = restore.step(STACK, catalogue(), PGDATA)
PORT = STEP.env["PGPORT"]
# What the volume of a server had before a restore.
OLD = f"mkdir {PGDATA} && echo 15 > {PGDATA}/PG_VERSION && echo old > {PGDATA}/rows"
# Takes the place of a program, and kills the script that calls it.
KILLED = 'kill -KILL "$PPID"; sleep 5'
OF_THE_SERVER = "$(ls /usr/lib/postgresql/*/bin/pg_basebackup)"


@dataclass(frozen=True, kw_only=True)
class Restored:
    """A server with restored data, as the backup part runs it while a restore is under way."""

    server: Container
    network: str

    def opened(self, id: str) -> None:
        program.sql(self.server, f"ALTER DATABASE platform SET platform.restore_id = '{id}'")


@pytest.fixture(scope="module")
def restored(tmp_path_factory: pytest.TempPathFactory) -> Restored:
    folder = tmp_path_factory.mktemp("restored")
    network = engine.docker("network", "create", "--label", engine.LABEL, folder.name).stdout
    options = (
        f"--network={network.strip()}",
        f"--network-alias={STEP.env['PGHOST']}",
        # The server, and the programs that ask it.
        f"--env=PGPORT={PORT}",
    )
    server = program.start(folder, options=options)
    server.until(lambda: program.ready(server))
    job = backup.schema_job(STACK, catalogue(), builtin.SERVER)
    result = program.run(job, server, folder / "job", options[:1] + options[2:])
    assert result.returncode == 0, result.stderr
    program.sql(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    return Restored(server=server, network=network.strip())


@dataclass(frozen=True, kw_only=True)
class Target:
    """The volume of a server that is stopped."""

    folder: Path
    network: str
    volume: str

    def step(self, *, network: str = "", **programs: str) -> subprocess.CompletedProcess[str]:
        """Run the step, with some of its programs replaced."""
        self.folder.mkdir(exist_ok=True)
        mounts = []
        for name, script in programs.items():
            (self.folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (self.folder / name).chmod(0o755)
            mounts.append(f"--volume={self.folder / name}:/usr/local/sbin/{name}:ro")
        # The script is not process 1, which nothing in its container can kill.
        script = f"{' '.join(STEP.entrypoint)}; exit $?"
        step = replace(STEP, entrypoint=("sh", "-c", script))
        options = (f"--network={network or self.network}", self._mount, "--tmpfs=/tmp", *mounts)
        return program.run_container(step, self.folder / "step", options)

    def shell(self, script: str) -> list[str]:
        options = ("--user=999:999", "--entrypoint=sh", self._mount)
        command = ("run", "--rm", "--label", engine.LABEL, *options)
        return engine.docker(
            *command, engine.reference("postgres"), "-ec", script
        ).stdout.splitlines()

    def files(self) -> list[str]:
        """What lies beside the server's data, without the lock and the time of a restore."""
        names = self.shell(f"cd {DATA} && ls | grep -v '^in-use$'")
        return [name.partition("-20")[0] for name in names]

    def rows(self) -> list[str]:
        """What the old data has, where it still is."""
        return self.shell(f"cat {PGDATA}*/rows")

    def start(self) -> Container:
        """Start the server on the volume."""
        return program.start(self.folder / "server", volume=self.volume)

    @property
    def _mount(self) -> str:
        return f"--volume={self.volume}:{DATA}"


@pytest.fixture
def target(restored: Restored, tmp_path: Path) -> Target:
    target = Target(folder=tmp_path / "t", network=restored.network, volume=engine.volume())
    target.shell(OLD)
    return target


UNTOUCHED = ["pgdata"]
COMPLETE = ["pgdata", "pgdata.before", "pgdata.restored.id"]


def test_without_a_restore_the_step_changes_nothing(restored: Restored, target: Target) -> None:
    """Nobody has the name, or nobody listens on the port."""
    other = replace(STEP, env={**STEP.env, "PGPORT": "5999"})
    refused = program.run_container(
        other, target.folder, (f"--network={restored.network}", f"--volume={target.volume}:{DATA}")
    )
    unknown = target.step(network="none")
    for result in (refused, unknown):
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert (target.files(), target.rows()) == (UNTOUCHED, ["old"])


def test_a_restore_replaces_the_data_once_and_keeps_what_was_there(
    restored: Restored, target: Target
) -> None:
    restored.opened("one")
    # A first start that was interrupted before would begin again, with an empty directory.
    target.shell(f"touch {DATA}/first-start")
    result = target.step()
    assert result.returncode == 0, result.stderr
    assert "restore: the restored data (one) is in place" in result.stderr
    assert (target.files(), target.rows()) == (COMPLETE, ["old"])
    server = target.start()
    server.until(lambda: program.ready(server))
    assert program.sql(server, "SELECT answer FROM kept") == ["42"]
    program.sql(server, "CREATE TABLE later AS SELECT 43 AS answer")

    restored.opened("two")
    while_it_runs = target.step()
    assert while_it_runs.returncode == 1
    assert "restore: the server still runs." in while_it_runs.stderr
    second = target.start()
    assert second.wait() == 1
    assert f"Another server still uses {DATA}." in second.logs()

    restored.opened("one")
    assert server.stop() == 0
    again = target.step()
    assert (again.returncode, again.stderr) == (0, "")
    assert target.files() == COMPLETE
    server.restart()
    server.until(lambda: program.ready(server))
    assert program.sql(server, "SELECT answer FROM later") == ["43"]


def test_an_empty_volume_gets_the_restored_data(restored: Restored, tmp_path: Path) -> None:
    restored.opened("one")
    target = Target(folder=tmp_path / "t", network=restored.network, volume=engine.volume())
    assert target.step().returncode == 0
    assert target.files() == ["pgdata", "pgdata.restored.id"]


@pytest.mark.parametrize("rename", [2, 3, 4])
def test_a_restore_that_is_killed_at_a_rename_goes_on(
    restored: Restored, target: Target, rename: int
) -> None:
    restored.opened(f"rename-{rename}")
    count = f'echo x >> /tmp/renames; [ "$(wc -l < /tmp/renames)" -lt {rename} ]'
    killed = target.step(mv=f'{count} || {{ {KILLED}; }}; exec /bin/mv "$@"')
    assert killed.returncode == 137, killed.stderr
    if rename == 3:
        # Between its two names, the data is in no place.
        assert target.files() == ["pgdata.before", "pgdata.restoring", "pgdata.restoring.id"]
        server = target.start()
        assert server.wait() == 1
        assert "A restore was interrupted. `make restore` finishes it." in server.logs()
    # From the third rename on the server with the restored data is not needed any more.
    result = target.step(network="none" if rename > 2 else "")
    assert result.returncode == 0, result.stderr
    assert "cloning" not in result.stderr
    assert (target.files(), target.rows()) == (COMPLETE, ["old"])
    assert target.shell(f"cat {PGDATA}.restored.id") == [f"rename-{rename}"]


def test_a_clone_that_is_killed_begins_again_or_goes_with_its_restore(
    restored: Restored, target: Target
) -> None:
    restored.opened("clone")
    slow = f'timeout -s KILL 2 {OF_THE_SERVER} "$@" --max-rate=1M; {KILLED}'
    assert target.step(pg_basebackup=slow).returncode == 137
    assert (target.files(), target.rows()) == (["pgdata", "pgdata.restoring"], ["old"])
    # The restore was given up.
    assert target.step(network="none").returncode == 0
    assert (target.files(), target.rows()) == (UNTOUCHED, ["old"])
    assert target.step(pg_basebackup=slow).returncode == 137
    assert target.step().returncode == 0
    assert (target.files(), target.rows()) == (COMPLETE, ["old"])


def test_a_complete_clone_of_a_restore_that_was_given_up_does_not_come_back(
    restored: Restored, target: Target
) -> None:
    restored.opened("first")
    before_the_swap = f'[ "$2" != "$PGDATA" ] || {{ {KILLED}; }}; exec /bin/mv "$@"'
    assert target.step(mv=before_the_swap).returncode == 137
    assert target.files() == ["pgdata", "pgdata.restoring", "pgdata.restoring.id"]
    restored.opened("second")
    result = target.step()
    assert result.returncode == 0, result.stderr
    assert "cloning the restored data (second)" in result.stderr
    assert target.files() == COMPLETE


def test_a_volume_without_room_for_both_stays_as_it_is(restored: Restored, tmp_path: Path) -> None:
    restored.opened("large")
    options = ("type=tmpfs", "device=tmpfs", "o=size=100m,uid=999,gid=999")
    words = [f"--opt={option}" for option in options]
    volume = engine.docker("volume", "create", "--label", engine.LABEL, *words).stdout.strip()
    target = Target(folder=tmp_path / "t", network=restored.network, volume=volume)
    # A tmpfs is empty once nothing has it mounted.
    keeper = engine.start(
        "postgres",
        "-c",
        f"{OLD} && sleep 600",
        options=("--user=999:999", "--entrypoint=sh", f"--volume={volume}:{DATA}"),
    )
    keeper.until(lambda: target.files() == UNTOUCHED)
    result = target.step()
    assert result.returncode == 1
    assert "MiB left. Nothing was changed." in result.stderr
    assert (target.files(), target.rows()) == (UNTOUCHED, ["old"])


def test_a_server_that_rejects_the_password_is_not_taken_for_none(
    restored: Restored, target: Target
) -> None:
    """An empty database would start in the place of the restored one."""
    restored.opened("one")
    role = BACKUP.name.removeprefix("postgres-").removesuffix("-password")
    program.sql(restored.server, f"ALTER ROLE platform_{role} PASSWORD 'other'")
    result = target.step(sleep="exit 0")
    program.sql(restored.server, f"ALTER ROLE platform_{role} PASSWORD NULL")
    assert result.returncode == 1
    assert "answers, but not to the role platform_backup" in result.stderr
    assert target.files() == UNTOUCHED
