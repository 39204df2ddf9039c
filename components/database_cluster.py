"""The database as an operator's cluster: the server with standbys, and the job that fills it."""

from pathlib import Path

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
from components.operated import Pooler, PostgresCluster, Role
from components.settings import Settings, mebibytes
from components.settings.rules import RESERVED_CONNECTIONS
from components.text import Text
from components.workload import File, Job, Resources

TIER = "data"
ASKED_BY = "data.mode: cloudnative-pg"
SCRIPTS = "/etc/postgres-schema"
OPERATORS = Path(__file__).parent.parent / "database" / "cloudnative-pg"

# The password never stands in an argument, and the scripts read the roles' from their files.
RUN = f"""\
PGPASSWORD="$(cat {SUPERUSER.path})"
export PGPASSWORD
for script in {SCRIPTS}/*.sql; do
    psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --file "$script" || exit 1
done
"""


def cluster(settings: Settings, catalogue: Catalogue) -> PostgresCluster:
    data = settings.data
    pooler = None
    if data.pooler:
        open_to_clients = data.max_connections - RESERVED_CONNECTIONS
        pooler = Pooler(
            image=catalogue.image("pgbouncer"),
            instances=data.pooler.instances,
            mode=data.pooler.mode,
            connections=open_to_clients // data.pooler.instances,
            resources=Resources(memory=64, cpu=0.5),
        )
    return PostgresCluster(
        name=POSTGRES.workload,
        tier=TIER,
        asked_by=ASKED_BY,
        image=catalogue.image("cloudnative-pg"),
        instances=data.instances,
        # Of two, one that waits for the other would stand still with it.
        durability="required" if data.instances > 2 else "preferred",
        size=data.size,
        wal_size=data.wal_size,
        resources=Resources(memory=mebibytes(data.memory), cpu=data.cpu),
        database=DATABASE,
        owner=Role(user="platform_owner", password=OWNER),
        superuser=Role(user="postgres", password=SUPERUSER),
        parameters=parameters(settings),
        pooler=pooler,
    )


def schema(described: PostgresCluster, catalogue: Catalogue) -> Job:
    """Roles and schema by the same scripts as the builtin server's; all of them can run again."""
    scripts = [*sorted(INIT.iterdir()), *sorted(OPERATORS.iterdir())]
    return Job(
        name="postgres-schema",
        tier=TIER,
        asked_by=ASKED_BY,
        image=catalogue.image("postgres"),
        entrypoint=("sh", "-c", RUN),
        env={
            "PGHOST": described.primary.host,
            "PGPORT": str(described.primary.port),
            "PGUSER": described.superuser.user,
            "PGDATABASE": described.database,
            "PGCONNECT_TIMEOUT": "10",
        },
        files=(
            *(
                File(path=secret.path, content=secret.text)
                for secret in (SUPERUSER, OWNER, APPLICATION, MONITOR)
            ),
            *(
                File(path=f"{SCRIPTS}/{path.name}", content=Text(template=path.read_text()))
                for path in scripts
            ),
        ),
        reaches=(described.primary,),
        starts_after=(described.primary.workload,),
        resources=Resources(memory=64, cpu=0.2),
    )


def connection(described: PostgresCluster, schema: Job) -> DatabaseConnection:
    """The connection of the application's role: once the schema is there."""
    return DatabaseConnection(
        host=described.entry.host,
        port=described.entry.port,
        database=described.database,
        user="platform_app",
        password=APPLICATION,
        reach=described.entry,
        starts_after=(*dict.fromkeys((described.entry.workload, schema.name)),),
    )
