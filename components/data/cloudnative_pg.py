"""PostgreSQL as CloudNativePG runs it: a server with standbys, and a job for the schema."""

from components import plain_files
from components.catalogue import Catalogue
from components.container import File, Resources
from components.data import sizing
from components.data.builtin import ROLES, SCRIPTS, SERVER, parameters
from components.data.connection import (
    DATABASE,
    OWNER,
    OWNER_USER,
    SUPERUSER,
    SUPERUSER_USER,
    TIER,
)
from components.operated import Pooler, PostgresCluster, Role
from components.settings import RESERVED_CONNECTIONS, Settings, mebibytes, own_connections
from components.workload import Job

ASKED_BY = "data.mode: cloudnative-pg"
MOUNTED_SCRIPTS = "/etc/postgres-schema"

# The password never appears in an argument. The scripts read the roles' passwords from files.
RUN = f"""\
PGPASSWORD="$(cat {SUPERUSER.path})"
export PGPASSWORD
for script in {MOUNTED_SCRIPTS}/*.sql; do
    psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --file "$script" || exit 1
done
"""


def cluster(settings: Settings, catalogue: Catalogue) -> PostgresCluster:
    data = settings.data
    return PostgresCluster(
        name=SERVER.workload,
        tier=TIER,
        asked_by=ASKED_BY,
        image=catalogue.image("cloudnative-pg"),
        instances=data.instances,
        # With two servers, `required` would stop writes whenever the standby is down.
        durability="required" if data.instances > 2 else "preferred",
        size=data.size,
        wal_size=data.wal_size,
        resources=Resources(memory=mebibytes(data.memory), cpu=data.cpu),
        shared_memory=sizing.shared_memory(mebibytes(data.memory)),
        priority_class=settings.kubernetes.priority_class,
        database=DATABASE,
        owner=Role(user=OWNER_USER, password=OWNER),
        superuser=Role(user=SUPERUSER_USER, password=SUPERUSER),
        parameters=parameters(settings),
        pooler=_pooler(settings, catalogue),
    )


def _pooler(settings: Settings, catalogue: Catalogue) -> Pooler | None:
    pooler = settings.data.pooler
    if pooler is None:
        return None
    # Services with databases of their own connect to the primary.
    others = RESERVED_CONNECTIONS + own_connections(settings)
    open_to_clients = settings.data.max_connections - others
    return Pooler(
        image=catalogue.image("pgbouncer"),
        instances=pooler.instances,
        mode=pooler.mode,
        connections=open_to_clients // pooler.instances,
        resources=Resources(memory=64, cpu=0.5),
    )


def schema(cluster: PostgresCluster, catalogue: Catalogue) -> Job:
    """The job that creates the roles and the schema. It runs the built-in server's scripts, and
    then those for the operator's server only."""
    scripts = [*plain_files.texts(SCRIPTS), *plain_files.texts("database/cloudnative-pg")]
    return Job(
        name="postgres-schema",
        tier=TIER,
        asked_by=ASKED_BY,
        image=catalogue.image("postgres"),
        entrypoint=("sh", "-c", RUN),
        env={
            "PGHOST": cluster.primary.host,
            "PGPORT": str(cluster.primary.port),
            "PGUSER": cluster.superuser.user,
            "PGDATABASE": cluster.database,
            "PGCONNECT_TIMEOUT": "10",
        },
        files=(
            *(File(path=password.path, content=password.text) for password in ROLES),
            *(File(path=f"{MOUNTED_SCRIPTS}/{name}", content=script) for name, script in scripts),
        ),
        reaches=(cluster.primary,),
        starts_after=(cluster.primary.workload,),
        resources=Resources(memory=64, cpu=0.2),
    )
