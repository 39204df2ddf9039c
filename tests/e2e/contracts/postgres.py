"""PostgreSQL with the options of the program."""

from collections.abc import Sequence
from pathlib import Path

from tests.e2e.contracts.engine import HARDENED, Container, start, volume

PASSWORD = "contract-password"
DATA = "/var/lib/postgresql/data"
OPTIONS = (
    "--user=999:999",
    *HARDENED,
    "--tmpfs=/tmp",
    "--tmpfs=/var/run/postgresql:uid=999,gid=999,mode=0775",
    f"--env=PGDATA={DATA}/pgdata",
    "--env=POSTGRES_USER=postgres",
    "--env=POSTGRES_DB=platform",
    "--env=POSTGRES_PASSWORD_FILE=/run/secrets/password",
    "--env=POSTGRES_INITDB_ARGS=--data-checksums --auth-local=scram-sha-256"
    " --auth-host=scram-sha-256",
)
INIT_FILES = {
    "10-table.sql": "CREATE TABLE runs (position serial, entry text);",
    "20-script.sh": "tcp=no; if pg_isready -q -h 127.0.0.1; then tcp=yes; fi\n"
    'psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" '
    "-c \"INSERT INTO runs (entry) VALUES ('tcp $tcp')\"\n",
    "30-last.sql": "INSERT INTO runs (entry) VALUES ('last');",
}


def files(folder: Path, init_files: dict[str, str]) -> list[str]:
    """Mounts of a password file and init files; the server's user may only read them."""
    folder.chmod(0o755)
    contents = {"/run/secrets/password": PASSWORD + "\n"}
    contents |= {f"/docker-entrypoint-initdb.d/{name}": text for name, text in init_files.items()}
    options = []
    for target, text in contents.items():
        source = folder / Path(target).name
        source.write_text(text)
        source.chmod(0o444)
        options.append(f"--volume={source}:{target}:ro")
    return options


def start_server(folder: Path, init_files: dict[str, str] = INIT_FILES) -> Container:
    mounts = [*files(folder, init_files), f"--volume={volume()}:{DATA}"]
    return start("postgres", options=(*OPTIONS, *mounts))


def ready(server: Container) -> bool:
    return sql(server, "SELECT 1") == ["1"]


def sql(server: Container, query: str, options: Sequence[str] = ()) -> list[str]:
    """The rows of a query over TCP with the password; no rows where the query fails."""
    command = ("psql", "-h", "127.0.0.1", "-U", "postgres", "-d", "platform", "-Atc", query)
    return server.run(*command, *options, env=[f"PGPASSWORD={PASSWORD}"]).stdout.splitlines()
