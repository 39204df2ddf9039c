"""A PostgreSQL cluster as CloudNativePG's operator takes it: API group postgresql.cnpg.io/v1.

The operator makes pods, claims, Services and disruption budgets from these. What its pods may reach
is ours to say all the same: the namespace denies everything.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.operated import (
    INSTANCE_FIGURES,
    POOLER_FIGURES,
    POSTGRES_PORT,
    Pooler,
    PostgresCluster,
)
from components.settings.kubernetes import Kubernetes
from components.targets.kubernetes import naming, network, pods
from components.workload import Part

# The instance manager's own port: the operator asks it, and so do instances that look for others.
STATUS_PORT = 8000
# Seconds for which one instance may take to be made, as the operator joins them one by one.
PER_INSTANCE = 300
CLUSTER, ROLE = "cnpg.io/cluster", "cnpg.io/podRole"


def selectors(described: PostgresCluster) -> dict[str, dict[str, str]]:
    """The labels of the pods behind each name of the cluster's."""
    name = naming.host_name(described.name)
    instances = {CLUSTER: name, ROLE: "instance"}
    found = {described.primary.workload: instances} | {
        each.address.workload: instances for each in described.watched()
    }
    if described.pooler:
        found[described.entry.workload] = {CLUSTER: name, ROLE: "pooler"}
    return found


def cluster(
    described: PostgresCluster,
    settings: Kubernetes,
    superuser: pulumi.Input[str],
    owner: pulumi.Input[str],
    pull_secret: pulumi.Input[str] | None,
) -> dict[str, Any]:
    """The spec of the Cluster. `superuser` and `owner` are the Secrets of their logins."""
    image = described.image
    made: dict[str, Any] = {
        "instances": described.instances,
        "imageName": image.reference,
        "postgresUID": image.identity.uid,
        "postgresGID": image.identity.gid,
        "bootstrap": {
            "initdb": {
                "database": described.database,
                "owner": described.owner.user,
                "secret": {"name": owner},
                "encoding": "UTF8",
                "dataChecksums": True,
            }
        },
        # It makes the roles and the schema, over the network as everywhere else.
        "enableSuperuserAccess": True,
        "superuserSecret": {"name": superuser},
        "postgresql": {
            "parameters": dict(described.parameters),
            "synchronous": {
                "method": "any",
                "number": 1,
                "dataDurability": described.durability,
            },
        },
        "storage": _storage(described.size, settings),
        "resources": pods.resources(described.resources),
        "affinity": {
            "enablePodAntiAffinity": True,
            "podAntiAffinityType": "preferred",
            "topologyKey": "kubernetes.io/hostname",
            **_placed(settings),
        },
        # A standby takes over before the primary is started again.
        "primaryUpdateStrategy": "unsupervised",
        "primaryUpdateMethod": "switchover",
        "inheritedMetadata": {"labels": naming.labels(described.name, described.tier)},
    }
    if described.wal_size:
        made["walStorage"] = _storage(described.wal_size, settings)
    if pull_secret is not None:
        made["imagePullSecrets"] = [{"name": pull_secret}]
    return made


def pooler(
    described: PostgresCluster,
    wanted: Pooler,
    settings: Kubernetes,
    cluster: pulumi.Input[str],
    pull_secret: pulumi.Input[str] | None,
) -> dict[str, Any]:
    """The spec of the Pooler in front of the primary of `cluster`."""
    spec: dict[str, Any] = {
        # By this name the operator finds its own container.
        "containers": [
            {
                "name": "pgbouncer",
                "image": wanted.image.reference,
                "resources": pods.resources(wanted.resources),
            }
        ],
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": selectors(described)[described.entry.workload]},
            }
        ],
        **_placed(settings),
    }
    if pull_secret is not None:
        spec["imagePullSecrets"] = [{"name": pull_secret}]
    return {
        "cluster": {"name": cluster},
        "instances": wanted.instances,
        "type": "rw",
        "pgbouncer": {
            "poolMode": wanted.mode,
            "parameters": {
                "default_pool_size": str(wanted.connections),
                "max_db_connections": str(wanted.connections),
                "max_client_conn": "1000",
                # Drivers prepare statements, and transactions change servers.
                "max_prepared_statements": "200",
            },
        },
        "template": {
            "metadata": {"labels": naming.labels(described.entry.workload, described.tier)},
            "spec": spec,
        },
    }


def policies(
    described: PostgresCluster,
    parts: Sequence[Part],
    settings: Kubernetes,
    watching: str | None = None,
) -> dict[str, dict[str, Any]]:
    """The specs of the policies of the operator's pods, by the names of the objects.

    `watching` is the namespace of a Prometheus that is not ours.
    """
    name = naming.host_name(described.name)
    instances = _pods({CLUSTER: name, ROLE: "instance"})
    poolers = _pods({CLUSTER: name, ROLE: "pooler"})
    api = network.api_server(settings.api_server)
    dns = network.dns(settings.dns)
    among = [network.tcp(POSTGRES_PORT), network.tcp(STATUS_PORT)]
    found = {
        described.name: {
            # The jobs that make instances have the cluster's label and no role.
            "podSelector": {
                "matchLabels": {CLUSTER: name},
                "matchExpressions": [{"key": ROLE, "operator": "NotIn", "values": ["pooler"]}],
            },
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [
                *network.clients(
                    parts, [described.primary.workload, f"{described.name}-instances"]
                ),
                {"from": [_pods({CLUSTER: name})], "ports": among},
                {
                    "from": [{"namespaceSelector": network.named(settings.operator_namespace)}],
                    "ports": among,
                },
                *network.let_in(watching, [INSTANCE_FIGURES]),
            ],
            "egress": [{"to": [_pods({CLUSTER: name})], "ports": among}, *api, *dns],
        }
    }
    if described.pooler:
        found[described.entry.workload] = {
            "podSelector": poolers["podSelector"],
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [
                *network.clients(parts, [described.entry.workload]),
                *network.let_in(watching, [POOLER_FIGURES]),
            ],
            "egress": [
                {"to": [instances], "ports": [network.tcp(POSTGRES_PORT)]},
                *api,
                *dns,
            ],
        }
    return found


def headless(described: PostgresCluster) -> dict[str, dict[str, Any]]:
    """The specs of the Services by which Prometheus finds the operator's pods, by whose figures."""
    behind = selectors(described)
    return {
        each.name: {
            "type": "ClusterIP",
            "clusterIP": "None",
            "publishNotReadyAddresses": True,
            "selector": behind[each.address.workload],
            "ports": [
                {
                    "name": "metrics",
                    "port": each.address.port,
                    "targetPort": each.address.port,
                    "protocol": "TCP",
                }
            ],
        }
        for each in described.watched()
    }


def patience(described: PostgresCluster, settings: Kubernetes) -> str:
    """The time after which a cluster has failed to come up."""
    return f"{settings.pull_budget + described.instances * PER_INSTANCE}s"


def _storage(size: str, settings: Kubernetes) -> dict[str, Any]:
    chosen = {"storageClass": settings.storage_class} if settings.storage_class else {}
    return {"size": size, **chosen}


def _placed(settings: Kubernetes) -> dict[str, Any]:
    wanted = {
        "nodeSelector": settings.node_selector,
        "tolerations": pods.tolerations(settings),
    }
    return {name: value for name, value in wanted.items() if value}


def _pods(labels: Mapping[str, str]) -> dict[str, Any]:
    return {"podSelector": {"matchLabels": dict(labels)}}
