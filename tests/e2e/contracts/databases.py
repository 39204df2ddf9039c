"""A server of the platform with databases of services, as their job creates them."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.data import builtin, databases, schema
from components.data.databases import Server
from components.workload import Job
from operations.database_server import DatabaseServer
from operations.inside import EngineContainer
from tests.e2e.contracts import engine, postgres
from tests.e2e.contracts.engine import Container
from tests.unit.describing import ROOT, catalogue, settings


def job(services: Mapping[str, Any]) -> Job:
    """The job for these services and the built-in server."""
    server = Server(primary=builtin.SERVER, entry=builtin.SERVER, starts_after=("postgres",))
    job = databases.job(settings({"api": {"services": services}}), catalogue(), server)
    assert job
    return job


def password(name: str) -> str:
    """The value of a password. Those of services have characters that need quotes."""
    if name == schema.ROLES[0].name:
        return postgres.PASSWORD
    quotes = "" if name in {role.name for role in schema.ROLES} else '\'s \\ "secret"'
    return f"{name}{quotes}"


def run(
    job: Job, server: Container, folder: Path, suffix: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run the job's container against the server. All generated passwords end with the suffix."""
    mounts = []
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    for file in job.files:
        values = {
            secret.name: password(secret.name)
            + ("" if secret.name == "postgres-password" else suffix)
            for secret in file.content.secrets
        }
        source = folder / Path(file.path).name
        source.write_text(file.content.fill(values))
        mounts.append(f"--volume={source}:{file.path}:ro")
    env = {**job.env, "PGHOST": server.address()}
    return engine.docker(
        "run",
        "--rm",
        *("--label", engine.LABEL, "--user=999:999", *engine.HARDENED, *mounts),
        *(f"--env={name}={value}" for name, value in env.items()),
        f"--entrypoint={job.entrypoint[0]}",
        engine.reference("postgres"),
        *job.entrypoint[1:],
        check=False,
    )


def start(folder: Path) -> Container:
    """A server with the platform's roles and schema, which logs every statement."""
    scripts = {path.name: path.read_text() for path in (ROOT / "database" / "init").iterdir()}
    # The job for the roles creates it, before the one for databases runs.
    scripts["30-backup.sql"] = "CREATE ROLE platform_backup;"
    mounts = postgres.files(folder, scripts)
    for role in schema.ROLES:
        (folder / role.name).write_text(password(role.name))
        mounts.append(f"--volume={folder / role.name}:{role.path}:ro")
    options = (*postgres.OPTIONS, *mounts, f"--volume={engine.volume()}:{postgres.DATA}")
    command = ("postgres", "-clog_statement=all", "-clog_min_duration_statement=0")
    server = engine.start("postgres", *command, options=options)
    server.until(lambda: postgres.ready(server))
    return server


def query(
    server: Container, role: str, sql: str, database: str = "reports", suffix: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run statements of one session over TCP, as a role with its password."""
    service = database.replace("_", "-")
    secret = (
        "postgres-reader-password"
        if role == "platform_reader"
        else f"postgres-{service}-{role[-1]}-password"
    )
    command = ("psql", "-h", "127.0.0.1", "-U", role, "-d", database, "-v", "ON_ERROR_STOP=1")
    statements = [word for line in sql.splitlines() for word in ("-c", line)]
    return server.run(*command, "-qAt", *statements, env=[f"PGPASSWORD={password(secret)}{suffix}"])


def rows(server: Container, role: str, sql: str, database: str = "reports") -> list[str]:
    result = query(server, role, sql, database)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def inside(server: Container) -> DatabaseServer:
    """The server as the verbs use it."""
    return DatabaseServer(
        inside=EngineContainer(docker=("docker", "exec", "--interactive", server.id))
    )
