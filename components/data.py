"""The data tier: PostgreSQL 15 and its exporter, or a server that the user has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from components import monitoring
from components.images import Catalogue
from components.settings import Settings, mebibytes, revealed
from components.settings.models import ExternalDatabase
from components.text import Secret, Text
from components.tier import Tier
from components.workload import (
    Address,
    Command,
    File,
    Health,
    Http,
    Outside,
    Port,
    Resources,
    Volume,
    Workload,
)

TIER = "data"
POSTGRES = Address(workload="postgres", port=5432)
DATABASE = "platform"
QUERIES = "/etc/postgres-exporter/queries.yml"
CA = "/etc/ai-platform/database-ca.crt"
INIT = Path(__file__).parent.parent / "database" / "init"

# The server's own password, and one for each role that database/init makes.
SUPERUSER = Secret(name="postgres-password", keep=True)
OWNER = Secret(name="postgres-owner-password", keep=True)
APPLICATION = Secret(name="postgres-app-password", keep=True)
MONITOR = Secret(name="postgres-monitor-password", keep=True)


@dataclass(frozen=True, kw_only=True)
class DatabaseConnection:
    """How a service reaches the database: values, so that nobody rebuilds them."""

    host: str
    port: int
    database: str
    user: str
    password: Secret
    reach: Address | Outside
    starts_after: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    files: tuple[File, ...] = ()
    """What the options name, for whoever uses the URL."""

    @property
    def url(self) -> Text:
        place = f"${{{self.password.name}:url}}"
        options = f"?{urlencode(self.options)}" if self.options else ""
        return Text(
            name="database-url",
            template=f"postgresql://{self.user}:{place}@{self.host}:{self.port}/{self.database}"
            + options,
            secrets=(self.password,),
        )


class DataTier(Tier):
    connection: DatabaseConnection

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        self.connection = connection(settings)
        if settings.data.mode == "external":
            super().__init__(TIER, ())
            return
        super().__init__(
            TIER,
            (postgres(settings, catalogue), exporter(catalogue)),
            {"database": {"database": DATABASE, "user": "platform_owner", "password": OWNER}},
        )


def connection(settings: Settings) -> DatabaseConnection:
    """The connection of the application's role."""
    external = settings.data.external
    if external is None:
        return DatabaseConnection(
            host=POSTGRES.host,
            port=POSTGRES.port,
            database=DATABASE,
            user="platform_app",
            password=APPLICATION,
            reach=POSTGRES,
            starts_after=(POSTGRES.workload,),
        )
    return DatabaseConnection(
        host=external.host,
        port=external.port,
        database=external.database,
        user=external.user,
        password=Secret(name="database-password", given=revealed(external.password)),
        reach=Outside(name="database", ports=(external.port,), cidrs=tuple(external.cidrs)),
        options=_tls(external),
        files=(File(path=CA, content=Text(template=external.ca)),) if external.ca else (),
    )


def _tls(external: ExternalDatabase) -> dict[str, str]:
    wanted = {"sslmode": external.sslmode, "sslrootcert": CA if external.ca else None}
    return {name: value for name, value in wanted.items() if value}


def postgres(settings: Settings, catalogue: Catalogue) -> Workload:
    memory = mebibytes(settings.data.memory)
    options = {
        "max_connections": settings.data.max_connections,
        # A quarter of the memory: the PostgreSQL manual's starting point.
        "shared_buffers": f"{memory // 4}MB",
        "log_min_duration_statement": "500ms",
        "log_lock_waits": "on",
        "log_connections": "off",
        "log_line_prefix": "%m [%p] %q%u@%d ",
    }
    return Workload(
        name=POSTGRES.workload,
        tier=TIER,
        image=catalogue.image("postgres"),
        command=("postgres", *(f"-c{name}={value}" for name, value in options.items())),
        env={
            # Below the volume's root, where a file system may keep its lost+found.
            "PGDATA": "/var/lib/postgresql/data/pgdata",
            "POSTGRES_USER": "postgres",
            "POSTGRES_DB": DATABASE,
            "POSTGRES_PASSWORD_FILE": SUPERUSER.path,
            "POSTGRES_INITDB_ARGS": "--data-checksums"
            " --auth-local=scram-sha-256 --auth-host=scram-sha-256",
        },
        files=(
            *(
                File(path=secret.path, content=secret.text)
                for secret in (SUPERUSER, OWNER, APPLICATION, MONITOR)
            ),
            *(
                File(
                    path=f"/docker-entrypoint-initdb.d/{path.name}",
                    content=Text(template=path.read_text()),
                    first_start=True,
                )
                for path in sorted(INIT.iterdir())
            ),
        ),
        volumes=(
            Volume(name="postgres", path="/var/lib/postgresql/data", size=settings.data.size),
        ),
        scratch=("/tmp", "/var/run/postgresql"),
        ports=(Port(name="postgres", number=POSTGRES.port),),
        # Over TCP, which the server of the first start's scripts does not listen on.
        ready=Health(ask=_query(), start_budget=120),
        # 0 accepts, 1 starts or recovers, 2 does not answer: only that is dead.
        alive=Health(
            ask=Command(argv=("sh", "-c", "pg_isready -q -h 127.0.0.1; [ $? -lt 2 ]")),
            period=10,
            failures=6,
        ),
        resources=Resources(memory=memory, cpu=settings.data.cpu),
        # The default of 64 MiB is too small for the shared memory of parallel queries.
        shared_memory=256,
        stop_grace=120,
    )


def _query() -> Command:
    """A real query as a real role: pg_isready says yes for a database that does not exist."""
    query = (
        f'PGPASSWORD="$(cat {MONITOR.path})" PGCONNECT_TIMEOUT=2 exec psql --no-psqlrc -qtAX '
        f"-h 127.0.0.1 -U platform_monitor -d {DATABASE} -c 'SELECT 1'"
    )
    return Command(argv=("sh", "-c", query))


def exporter(catalogue: Catalogue) -> Workload:
    return Workload(
        name="postgres-exporter",
        tier=TIER,
        metrics_of=POSTGRES.workload,
        image=catalogue.image("postgres-exporter"),
        env={
            "DATA_SOURCE_URI": f"{POSTGRES.host}:{POSTGRES.port}/{DATABASE}?sslmode=disable",
            "DATA_SOURCE_USER": "platform_monitor",
            "DATA_SOURCE_PASS_FILE": MONITOR.path,
            "PG_EXPORTER_EXTEND_QUERY_PATH": QUERIES,
        },
        files=(
            File(path=MONITOR.path, content=MONITOR.text),
            File(path=QUERIES, content=monitoring.plain("postgres-exporter/queries.yml")),
        ),
        ports=(Port(name="metrics", number=9187, metrics="/metrics"),),
        # Its page, which asks nobody: whether PostgreSQL is up is pg_up's to say.
        ready=Health(ask=Http(path="/", port=9187)),
        reaches=(POSTGRES,),
        resources=Resources(memory=64, cpu=0.2),
    )
