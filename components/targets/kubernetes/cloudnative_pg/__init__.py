"""A PostgreSQL cluster of the CloudNativePG operator: API group postgresql.cnpg.io/v1.

The operator creates pods, claims, Services and disruption budgets from our objects. The namespace
denies all traffic, so we add policies for the operator's pods.
"""

from components.addresses import host_name
from components.operated import PostgresCluster

# The labels of the operator's pods: their cluster, and whether they are instances or poolers.
CLUSTER, ROLE = "cnpg.io/cluster", "cnpg.io/podRole"


def instances(cluster: PostgresCluster) -> dict[str, str]:
    """The labels of the server's pods."""
    return {CLUSTER: host_name(cluster.name), ROLE: "instance"}


def poolers(cluster: PostgresCluster) -> dict[str, str]:
    """The labels of the pooler's pods."""
    return {CLUSTER: host_name(cluster.name), ROLE: "pooler"}


def selectors(cluster: PostgresCluster) -> dict[str, dict[str, str]]:
    """The labels of the pods behind each name under which others reach the cluster."""
    names = {cluster.primary.workload: instances(cluster)}
    names |= {target.address.workload: instances(cluster) for target in cluster.scrape_targets()}
    if cluster.pooler:
        names[cluster.entry.workload] = poolers(cluster)
    return names
