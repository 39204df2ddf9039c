"""The backup part beside a server, each in a container as the program describes it."""

import contextlib
import functools
import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.data import backup, builtin, restore
from components.data.connection import BACKUP_USER
from components.settings import Settings
from components.workload import Workload
from tests.e2e.contracts import engine, program
from tests.e2e.contracts.databases import password
from tests.e2e.contracts.engine import Container
from tests.unit.describing import ROOT, catalogue, settings

DATA = "/var/lib/postgresql/data"
SECONDS = 90.0
# None of a schedule's jobs runs during a test, unless the clock strikes this minute of the year.
RARELY = "0 0 29 2 *"
QUIET = {"schedule": RARELY, "drill": RARELY}


@functools.cache
def image() -> str:
    """The image, built from its source on the catalogue's server."""
    context = ROOT / "images" / "backup"
    tag = "ai-platform/contract-backup:1"
    base = f"BASE={engine.reference('postgres')}"
    subprocess.run(
        ["docker", "build", "--quiet", "--build-arg", base, "--tag", tag, str(context)],
        check=True,
        capture_output=True,
        env={**os.environ, "DOCKER_BUILDKIT": "0"},
    )
    return tag


@dataclass(kw_only=True)
class Pair:
    """A server and the backup part, in a network of their own. Both can be started anew."""

    folder: Path
    network: str
    settings: Settings
    server_volume: str
    volume: str
    server: Container
    backup: Container

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.backup.run("backup", *arguments, "--json")

    def answer(self, *arguments: str) -> dict[str, Any]:
        result = self.run(*arguments)
        assert result.returncode == 0, result.stderr + self.backup.logs()
        return dict(json.loads(result.stdout))

    def status(self) -> dict[str, Any]:
        """What `backup list` shows, from the process that it asks."""
        return dict(json.loads(self.backup.get(backup.METRICS, "/status.json")))

    def done(self) -> list[str]:
        return [one["id"] for one in self.status()["backups"] if one["state"] == "done"]

    def metric(self, name: str) -> float | None:
        start = f"platform_backup_{name} "
        lines = self.backup.get(backup.METRICS, "/metrics").splitlines()
        return next((float(line.split()[1]) for line in lines if line.startswith(start)), None)

    def until(self, holds: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Wait until this holds of what `backup list` shows."""
        end = time.monotonic() + SECONDS
        while True:
            status = {}
            with contextlib.suppress(OSError):
                status = self.status()
            if status and holds(status):
                return status
            assert time.monotonic() < end, f"{status}\n{self.backup.logs()}"
            time.sleep(0.3)

    def until_backed_up(self, count: int = 1) -> dict[str, Any]:
        return self.until(
            lambda status: (
                status["archiving"]["state"] == "streaming"
                and sum(one["state"] == "done" for one in status["backups"]) >= count
            )
        )

    def sql(self, query: str, database: str = "platform") -> list[str]:
        result = self.server.run(*self.psql(query, database), env=self.superuser)
        assert result.returncode == 0, result.stderr
        return result.stdout.splitlines()

    def psql(self, query: str, database: str = "platform") -> tuple[str, ...]:
        return ("psql", "-h", "127.0.0.1", "-U", "postgres", "-d", database, "-Atc", query)

    @property
    def superuser(self) -> list[str]:
        return [f"PGPASSWORD={password('postgres-password')}"]

    def restored(self, query: str) -> list[str]:
        """The rows of a query in the server with the recovered data, as the role of backups."""
        script = f"PGPASSWORD=$(cat /run/secrets/password) exec psql -Atc '{query}'"
        result = engine.docker(
            *("run", "--rm", "--label", engine.LABEL, f"--network={self.network}"),
            f"--volume={self.folder / 'role'}:/run/secrets/password:ro",
            *(f"--env={name}={value}" for name, value in self._client.items()),
            *("--entrypoint=sh", engine.reference("postgres"), "-c", script),
        )
        return result.stdout.splitlines()

    def lose_server(self) -> None:
        """Kill the server, and remove its volume with all its data."""
        engine.docker("kill", "--signal=KILL", self.server.id)
        engine.docker("rm", "--volumes", self.server.id)
        engine.docker("volume", "rm", self.server_volume)

    def start_server(self, *, restored: bool = False) -> None:
        """Start a server on a new volume, where the data that was recovered may be first."""
        self.server_volume = engine.volume()
        if restored:
            self._clone()
        self.server = start_server(self.folder, self.settings, self.network, self.server_volume)
        self.server.until(lambda: program.ready(self.server))
        run_schema_job(self.settings, self.server, self.folder, self.network)

    def start_backup(self, options: Sequence[str] = ()) -> None:
        engine.docker("rm", "--force", self.backup.id)
        self.backup = start_backup(self.folder, self.settings, self.network, self.volume, options)

    def _clone(self) -> None:
        """Run the step that clones the recovered data before a server starts."""
        step = restore.step(self.settings, catalogue(), f"{DATA}/pgdata")
        volume = f"--volume={self.server_volume}:{DATA}"
        options = (f"--network={self.network}", volume, "--tmpfs=/tmp")
        result = program.run_container(step, self.folder / "step", options)
        assert result.returncode == 0, result.stderr

    @property
    def _client(self) -> Mapping[str, str]:
        return {
            "PGHOST": restore.RESTORED.host,
            "PGPORT": str(restore.RESTORED.port),
            "PGUSER": BACKUP_USER,
            "PGDATABASE": "platform",
        }


def start(
    folder: Path,
    data: Mapping[str, Any] | None = None,
    *,
    volume: str = "",
    options: Sequence[str] = (),
) -> Pair:
    """A server and the backup part of a stack with these settings of `data`, on a new volume or on
    this one."""
    folder.chmod(0o755)
    (folder / "role").write_text(password("postgres-backup-password"))
    chosen = settings({"data": {"backup": QUIET, **(data or {})}}, secret=("data",))
    network = engine.docker("network", "create", "--label", engine.LABEL, _name()).stdout.strip()
    server_volume, volume = engine.volume(), volume or engine.volume()
    server = start_server(folder, chosen, network, server_volume)
    part = start_backup(folder, chosen, network, volume, options)
    pair = Pair(
        folder=folder,
        network=network,
        settings=chosen,
        server_volume=server_volume,
        volume=volume,
        server=server,
        backup=part,
    )
    server.until(lambda: program.ready(server))
    run_schema_job(chosen, server, folder, network)
    return pair


def start_server(folder: Path, chosen: Settings, network: str, volume: str) -> Container:
    return program.start(
        folder / "server",
        chosen=chosen,
        volume=volume,
        options=(f"--network={network}", f"--network-alias={builtin.SERVER.host}"),
    )


def run_schema_job(chosen: Settings, server: Container, folder: Path, network: str) -> None:
    job = backup.schema_job(chosen, catalogue(), builtin.SERVER)
    result = program.run(job, server, folder / "job", (f"--network={network}",))
    assert result.returncode == 0, result.stderr


def start_backup(
    folder: Path, chosen: Settings, network: str, volume: str, options: Sequence[str] = ()
) -> Container:
    described = part(chosen)
    arguments = (
        *("--detach", "--label", engine.LABEL, "--user=999:999", *engine.HARDENED),
        *(f"--tmpfs={path}:uid=999,gid=999" for path in described.scratch),
        *program.files(described, folder / "backup"),
        f"--volume={volume}:{described.volumes[0].path}",
        f"--memory={described.resources.memory}m",
        f"--memory-swap={described.resources.memory}m",
        *(f"--network={network}", f"--network-alias={restore.RESTORED.host}"),
        *options,
    )
    return Container(id=engine.docker("run", *arguments, image()).stdout.strip())


def part(chosen: Settings) -> Workload:
    described = backup.part(chosen, catalogue(), builtin.SERVER)
    assert described
    return described


def _name() -> str:
    return f"contract-backup-{os.getpid()}-{time.monotonic_ns()}"
