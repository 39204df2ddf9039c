"""PostgreSQL as CloudNativePG runs it: a server with standbys."""

from components import offsite
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
from components.operated import Archive, Pooler, PostgresCluster, Recovery, Role
from components.settings import (
    OperatorBackup,
    Settings,
    longest_gap,
    mebibytes,
    own_connections,
    reserved_connections,
)

MODE = "cloudnative-pg"
SCRIPTS = "database/cloudnative-pg"
# The directory of the operator's backups in the stack's part of the bucket.
DIRECTORY = "cloudnative-pg"


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
        archive=_archive(settings),
    )


def _archive(settings: Settings) -> Archive | None:
    backup = settings.data.backup
    if backup is None or backup.offsite is None:
        return None
    bucket, operator = backup.offsite, backup.operator or OperatorBackup()
    recover = operator.recover
    path = "/".join(filter(None, (bucket.bucket, bucket.prefix, DIRECTORY)))
    return Archive(
        server=operator.server_name,
        path=f"s3://{path}",
        endpoint=bucket.endpoint,
        reach=offsite.reach(bucket),
        access_key=offsite.secret(bucket, "access_key"),
        secret_key=offsite.secret(bucket, "secret_key"),
        region=bucket.region,
        ca=bucket.ca,
        schedule=backup.schedule,
        gap=longest_gap(backup.schedule),
        days=backup.retention.days,
        resources=Resources(memory=mebibytes(operator.memory), cpu=operator.cpu),
        recovery=Recovery(server=recover.server_name, at=recover.at, backup=recover.backup)
        if recover
        else None,
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
