"""PostgreSQL as the program describes it, with its entry point, its files and its limits."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from components.container import Command, Container
from components.data import builtin
from components.images import POSTGRES
from components.settings import Settings
from tests.e2e.contracts import engine, postgres
from tests.e2e.contracts.databases import password
from tests.unit.describing import catalogue, settings


def files(container: Container, folder: Path, broken: str = "") -> list[str]:
    """Mounts of a container's files. The one whose path ends with `broken` fails as SQL."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    mounts = []
    for number, file in enumerate(container.files):
        source = folder / str(number)
        source.write_text(
            "SELECT broken;"
            if broken and file.path.endswith(broken)
            else file.content.fill(
                {secret.name: password(secret.name) for secret in file.content.secrets}
            )
        )
        mounts.append(f"--volume={source}:{file.path}:ro")
    return mounts


def start(
    folder: Path,
    data: Mapping[str, Any] | None = None,
    *,
    broken: str = "",
    chosen: Settings | None = None,
    volume: str = "",
    options: Sequence[str] = (),
) -> engine.Container:
    """Start the server of a stack with these settings, on a new volume or on this one."""
    stack = chosen or settings({"data": data or {}})
    server = builtin.postgres(stack, catalogue())
    return engine.start(
        POSTGRES[stack.data.version],
        *server.entrypoint[1:],
        *server.command,
        options=(
            "--user=999:999",
            *engine.HARDENED,
            *(f"--tmpfs={path}:uid=999,gid=999" for path in server.scratch),
            *(f"--env={name}={value}" for name, value in server.env.items()),
            *files(server, folder, broken),
            f"--volume={volume or engine.volume()}:{server.volumes[0].path}",
            f"--memory={server.resources.memory}m",
            f"--shm-size={server.shared_memory}m",
            f"--entrypoint={server.entrypoint[0]}",
            *options,
        ),
    )


def ready(server: engine.Container) -> bool:
    """The program's own check: a query by a role of the first start."""
    health = builtin.postgres(settings(), catalogue()).ready
    assert health
    assert isinstance(health.ask, Command)
    return server.run(*health.ask.argv).returncode == 0


def run(
    job: Container, server: engine.Container, folder: Path, options: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a job's container against the server."""
    address = f"--env=PGHOST={server.address()}"
    return run_container(job, folder, (*options, address))


def run_container(
    job: Container, folder: Path, options: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    return engine.docker(
        "run",
        "--rm",
        *("--label", engine.LABEL, "--user=999:999", *engine.HARDENED, *files(job, folder)),
        *(f"--env={name}={value}" for name, value in job.env.items()),
        *options,
        f"--entrypoint={job.entrypoint[0]}",
        engine.reference("postgres"),
        *job.entrypoint[1:],
        check=False,
    )


def sql(server: engine.Container, query: str) -> list[str]:
    return postgres.sql(server, query)
