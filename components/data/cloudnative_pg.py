"""PostgreSQL as CloudNativePG runs it: a server with standbys."""

from components.catalogue import Catalogue
from components.container import Resources
from components.data import sizing
from components.data.builtin import SERVER, data_format, parameters
from components.data.connection import (
    DATABASE,
    OWNER,
    OWNER_USER,
    SUPERUSER,
    SUPERUSER_USER,
    TIER,
)
from components.operated import Pooler, PostgresCluster, Role
from components.settings import Settings, mebibytes, own_connections, reserved_connections

MODE = "cloudnative-pg"
SCRIPTS = "database/cloudnative-pg"


def cluster(settings: Settings, catalogue: Catalogue) -> PostgresCluster:
    data = settings.data
    return PostgresCluster(
        name=SERVER.workload,
        tier=TIER,
        asked_by=f"data.mode: {MODE}",
        image=catalogue.image("cloudnative-pg"),
        instances=data.instances,
        # With two servers, `required` would stop writes whenever the standby is down.
        durability="required" if data.instances > 2 else "preferred",
        size=data.size,
        wal_size=data.wal_size,
        resources=Resources(memory=mebibytes(data.memory), cpu=data.cpu),
        shared_memory=sizing.shared_memory(mebibytes(data.memory)),
        format=data_format(settings),
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
    others = reserved_connections(settings.data) + own_connections(settings)
    open_to_clients = settings.data.max_connections - others
    return Pooler(
        image=catalogue.image("pgbouncer"),
        instances=pooler.instances,
        mode=pooler.mode,
        connections=open_to_clients // pooler.instances,
        resources=Resources(memory=64, cpu=0.5),
    )
