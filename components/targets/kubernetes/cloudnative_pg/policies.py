"""The NetworkPolicies of the pods that CloudNativePG's operator creates."""

from collections.abc import Mapping
from typing import Any

from components.addresses import host_name
from components.operated import INSTANCE_METRICS, POOLER_METRICS, POSTGRES_PORT, PostgresCluster
from components.targets.kubernetes import policies as common
from components.targets.kubernetes.cloudnative_pg import CLUSTER, ROLE, instances, poolers
from components.targets.kubernetes.policies import Rules

# The instance manager's port. The operator and the other instances connect to it.
STATUS_PORT = 8000
INTERNAL = [common.tcp(POSTGRES_PORT), common.tcp(STATUS_PORT)]


def policies(cluster: PostgresCluster, rules: Rules) -> dict[str, dict[str, Any]]:
    """The specs of the policies, by the names of the objects."""
    specs = {cluster.name: _of_instances(cluster, rules)}
    if cluster.pooler:
        specs[cluster.entry.workload] = _of_poolers(cluster, rules)
    return specs


def _of_instances(cluster: PostgresCluster, rules: Rules) -> dict[str, Any]:
    members = {CLUSTER: host_name(cluster.name)}
    operator = {"namespaceSelector": common.named(rules.settings.operator_namespace)}
    names = [cluster.primary.workload, f"{cluster.name}-instances"]
    return {
        # The jobs that create instances have the cluster's label and no role.
        "podSelector": {
            "matchLabels": members,
            "matchExpressions": [{"key": ROLE, "operator": "NotIn", "values": ["pooler"]}],
        },
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [
            *common.clients(rules.parts, names),
            {"from": [_pods(members)], "ports": INTERNAL},
            {"from": [operator], "ports": INTERNAL},
            *common.let_in(rules.monitored_from, [INSTANCE_METRICS]),
        ],
        "egress": [
            {"to": [_pods(members)], "ports": INTERNAL},
            # Each instance, and the job that recovers one, talks to the bucket itself.
            *([common.to(cluster.archive.reach, rules.operated)] if cluster.archive else []),
            *common.api_server(rules.settings.api_server),
            *common.dns(rules.settings.dns),
        ],
    }


def _of_poolers(cluster: PostgresCluster, rules: Rules) -> dict[str, Any]:
    return {
        "podSelector": {"matchLabels": poolers(cluster)},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [
            *common.clients(rules.parts, [cluster.entry.workload]),
            *common.let_in(rules.monitored_from, [POOLER_METRICS]),
        ],
        "egress": [
            {"to": [_pods(instances(cluster))], "ports": [common.tcp(POSTGRES_PORT)]},
            *common.api_server(rules.settings.api_server),
            *common.dns(rules.settings.dns),
        ],
    }


def _pods(labels: Mapping[str, str]) -> dict[str, Any]:
    return {"podSelector": {"matchLabels": dict(labels)}}
