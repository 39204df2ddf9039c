"""The specs of the objects that CloudNativePG's operator reads."""

from typing import Any

import pulumi

from components.operated import Pooler, PostgresCluster
from components.placement import ANYWHERE
from components.settings import Kubernetes, mebibytes
from components.targets.kubernetes import naming, placement, resources
from components.targets.kubernetes.cloudnative_pg import archive, poolers
from components.targets.kubernetes.scope import Scope

# The seconds that one instance may take to start. The operator starts them one by one.
PER_INSTANCE = 300
# The MiB that a recovery is sure to fetch from the bucket and to replay in one second.
RECOVERED_PER_SECOND = 5
# The MiB of the operator's directory for temporary files, which holds its program too.
TEMPORARY = 512
# The limit of an instance on the node's disk, in MiB.
DISK = resources.LOGS + TEMPORARY


def cluster(
    cluster: PostgresCluster,
    scope: Scope,
    superuser: pulumi.Input[str],
    owner: pulumi.Input[str],
    store: pulumi.Input[str] | None = None,
) -> dict[str, Any]:
    """The spec of the Cluster. `superuser` and `owner` are the Secrets of their logins, and `store`
    is the ObjectStore of its archive."""
    image = cluster.image
    spec: dict[str, Any] = {
        "instances": cluster.instances,
        "imageName": image.reference,
        "postgresUID": image.identity.uid,
        "postgresGID": image.identity.gid,
        "bootstrap": _bootstrap(cluster, owner),
        # The job for the schema connects as the superuser, over the network.
        "enableSuperuserAccess": True,
        "superuserSecret": {"name": superuser},
        "postgresql": {
            "parameters": dict(cluster.parameters),
            "synchronous": {"method": "any", "number": 1, "dataDurability": cluster.durability},
        },
        "storage": _storage(cluster.size, scope.settings),
        "resources": resources.resources(cluster.resources, disk=DISK, guaranteed=True),
        "ephemeralVolumesSizeLimit": {
            "shm": f"{cluster.shared_memory}Mi",
            "temporaryData": f"{TEMPORARY}Mi",
        },
        "affinity": {
            "enablePodAntiAffinity": True,
            "podAntiAffinityType": "preferred",
            "topologyKey": "kubernetes.io/hostname",
            **_placement(scope.settings),
        },
        # A standby takes over before the primary restarts.
        "primaryUpdateStrategy": "unsupervised",
        "primaryUpdateMethod": "switchover",
        "inheritedMetadata": {"labels": naming.labels(cluster.name, cluster.tier)},
    }
    if cluster.priority_class:
        spec["priorityClassName"] = cluster.priority_class
    if cluster.wal_size:
        spec["walStorage"] = _storage(cluster.wal_size, scope.settings)
    if cluster.archive and store is not None:
        spec |= archive.of_cluster(cluster.archive, store)
    return spec | _pull_secrets(scope)


def pooler(
    cluster: PostgresCluster, pooler: Pooler, scope: Scope, cluster_name: pulumi.Input[str]
) -> dict[str, Any]:
    """The spec of the Pooler in front of the primary of the Cluster of this name."""
    pod: dict[str, Any] = {
        # The operator finds its container by this name.
        "containers": [
            {
                "name": "pgbouncer",
                "image": pooler.image.reference,
                "resources": resources.resources(pooler.resources),
            }
        ],
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": poolers(cluster)},
            }
        ],
        **_placement(scope.settings),
        **_pull_secrets(scope),
    }
    return {
        "cluster": {"name": cluster_name},
        "instances": pooler.instances,
        "type": "rw",
        "pgbouncer": {
            "poolMode": pooler.mode,
            "parameters": {
                "default_pool_size": str(pooler.connections),
                "max_db_connections": str(pooler.connections),
                "max_client_conn": "1000",
                # Drivers use prepared statements, and each transaction may run on another
                # connection.
                "max_prepared_statements": "200",
            },
        },
        "template": {
            "metadata": {"labels": naming.labels(cluster.entry.workload, cluster.tier)},
            "spec": pod,
        },
    }


def patience(cluster: PostgresCluster, settings: Kubernetes) -> str:
    """The time after which a cluster that is not ready has failed."""
    recovers = cluster.archive is not None and cluster.archive.recovery is not None
    recovery = mebibytes(cluster.size) // RECOVERED_PER_SECOND if recovers else 0
    return f"{settings.pull_budget + cluster.instances * PER_INSTANCE + recovery}s"


def _bootstrap(cluster: PostgresCluster, owner: pulumi.Input[str]) -> dict[str, Any]:
    """How the first instance of a new Cluster gets its data. The operator reads it only then."""
    login = {
        "database": cluster.database,
        "owner": cluster.owner.user,
        "secret": {"name": owner},
    }
    if cluster.archive and cluster.archive.recovery:
        return {"recovery": {**login, **archive.recovery(cluster.archive.recovery)}}
    return {"initdb": {**login, "encoding": "UTF8", "dataChecksums": True}}


def _storage(size: str, settings: Kubernetes) -> dict[str, Any]:
    storage_class = {"storageClass": settings.storage_class} if settings.storage_class else {}
    return {"size": size, **storage_class}


def _placement(settings: Kubernetes) -> dict[str, Any]:
    fields = placement.fields(ANYWHERE, settings)
    return {name: value for name, value in fields.items() if value}


def _pull_secrets(scope: Scope) -> dict[str, Any]:
    return {} if scope.pull_secret is None else {"imagePullSecrets": [{"name": scope.pull_secret}]}
