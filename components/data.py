"""The data tier: PostgreSQL 15 and its exporter, an operator's cluster, or the user's server."""

from collections.abc import Sequence

from components import database_cluster, monitoring
from components.database import (
    APPLICATION,
    DATABASE,
    INIT,
    MONITOR,
    OWNER,
    POSTGRES,
    SUPERUSER,
    DatabaseConnection,
    parameters,
)
from components.images import Catalogue
from components.settings import Settings, mebibytes, revealed
from components.settings.container_rules import DATABASE_CA
from components.settings.models import ExternalDatabase
from components.text import Secret, Text
from components.tier import Described, Login, Tier
from components.workload import (
    EXPORTER,
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
QUERIES = "/etc/postgres-exporter/queries.yml"


class DataTier(Tier):
    connection: DatabaseConnection

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        self.connection, parts = _described(settings, catalogue)
        owner: Login = {"database": DATABASE, "user": "platform_owner", "password": OWNER}
        super().__init__(TIER, parts, {"database": owner} if parts else {})


def _described(
    settings: Settings, catalogue: Catalogue
) -> tuple[DatabaseConnection, Sequence[Described]]:
    """How services reach the database, and what runs for that: nothing, if it is the user's."""
    if settings.data.mode == "external":
        return connection(settings), ()
    if settings.data.mode == "builtin":
        return connection(settings), (postgres(settings, catalogue), exporter(catalogue))
    cluster = database_cluster.cluster(settings, catalogue)
    schema = database_cluster.schema(cluster, catalogue)
    watching = exporter(catalogue, cluster.primary)
    return database_cluster.connection(cluster, schema), (cluster, schema, watching)


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
        files=(File(path=DATABASE_CA, content=Text(template=external.ca)),) if external.ca else (),
    )


def _tls(external: ExternalDatabase) -> dict[str, str]:
    wanted = {"sslmode": external.sslmode, "sslrootcert": DATABASE_CA if external.ca else None}
    return {name: value for name, value in wanted.items() if value}


def postgres(settings: Settings, catalogue: Catalogue) -> Workload:
    options = parameters(settings) | {"log_line_prefix": "%m [%p] %q%u@%d "}
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
        resources=Resources(memory=mebibytes(settings.data.memory), cpu=settings.data.cpu),
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


def exporter(catalogue: Catalogue, server: Address = POSTGRES) -> Workload:
    return Workload(
        name="postgres-exporter",
        tier=TIER,
        metrics_of=POSTGRES.workload,
        image=catalogue.image("postgres-exporter"),
        env={
            "DATA_SOURCE_URI": f"{server.host}:{server.port}/{DATABASE}?sslmode=disable",
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
        reaches=(server,),
        resources=EXPORTER,
    )
