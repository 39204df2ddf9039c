"""Registers a PostgreSQL cluster: the objects that the operator reads, and their Services."""

from collections.abc import Sequence

import pulumi

from components.addresses import host_name, metrics_name
from components.operated import Archive, PostgresCluster, Role
from components.targets.kubernetes import objects, services
from components.targets.kubernetes.cloudnative_pg import archive as archives
from components.targets.kubernetes.cloudnative_pg import selectors, specs
from components.targets.kubernetes.configuration import Configuration
from components.targets.kubernetes.scope import SKIP_AWAIT, Scope
from components.text import Text
from components.volumes import Volume

READY = {"pulumi.com/waitFor": "condition=Ready"}

Dependencies = Sequence[pulumi.Input[pulumi.Resource]]


def volume(cluster: PostgresCluster) -> Volume:
    """The volume that the operator claims for each instance. It may not shrink."""
    return Volume(name=cluster.name, path="/", size=cluster.size)


def register(
    cluster: PostgresCluster, configuration: Configuration, scope: Scope, after: Dependencies
) -> dict[str, Dependencies]:
    """Register a cluster, its backups and its pooler.

    The result has, for each name that the cluster provides, the resources on which parts that start
    after it depend.
    """
    if scope.discovered:
        _register_metrics(cluster, scope)
    resource = _register_cluster(cluster, configuration, scope, after)
    if cluster.archive:
        objects.ScheduledBackup(
            cluster.name,
            metadata=scope.metadata(host_name(cluster.name)),
            spec=archives.scheduled_backup(cluster.archive, resource.object_name),
            opts=scope.opts,
        )
    provided: dict[str, Dependencies] = {cluster.primary.workload: [*after, resource]}
    if cluster.pooler:
        name = cluster.entry.workload
        pooler = objects.Pooler(
            name,
            metadata=scope.metadata(host_name(name), annotations={}),
            spec=specs.pooler(cluster, cluster.pooler, scope, resource.object_name),
            opts=scope.options(depends_on=[*after, resource]),
        )
        provided[name] = [resource, pooler]
    return provided


def _register_metrics(cluster: PostgresCluster, scope: Scope) -> None:
    """The Services by which Prometheus discovers the operator's pods."""
    labels = selectors(cluster)
    for target in cluster.scrape_targets():
        ports = [(target.port, target.address.port)]
        objects.Service(
            f"{target.name}-metrics",
            metadata=scope.metadata(metrics_name(target.name), annotations=SKIP_AWAIT),
            spec=services.headless(labels[target.address.workload], ports),
            opts=scope.opts,
        )


def _register_cluster(
    cluster: PostgresCluster, configuration: Configuration, scope: Scope, after: Dependencies
) -> objects.Cluster:
    def login(role: Role, purpose: str) -> pulumi.Input[str]:
        return configuration.login(f"{cluster.name}-{purpose}", role, scope)

    store = _register_archive(cluster, cluster.archive, configuration, scope)
    patience = specs.patience(cluster, scope.settings)
    return objects.Cluster(
        cluster.name,
        metadata=scope.metadata(host_name(cluster.name), annotations=READY),
        spec=specs.cluster(
            cluster,
            scope,
            login(cluster.superuser, "superuser"),
            login(cluster.owner, "owner"),
            store.object_name if store else None,
        ),
        opts=scope.options(
            # The operator removes a cluster's data with it.
            protect=True,
            depends_on=list(after),
            custom_timeouts=pulumi.CustomTimeouts(create=patience, update=patience),
            hooks=scope.explain,
        ),
    )


def _register_archive(
    cluster: PostgresCluster, archive: Archive | None, configuration: Configuration, scope: Scope
) -> objects.ObjectStore | None:
    """Register the bucket. The Cluster depends on it, so `down` keeps both, and the log of a server
    that still runs does not pile up."""
    if archive is None:
        return None
    login = {
        archives.ACCESS_KEY: archive.access_key.text,
        archives.SECRET_KEY: archive.secret_key.text,
        # The plugin reads it from a Secret too.
        **({archives.REGION: Text(template=archive.region)} if archive.region else {}),
    }
    # In a Secret of its own, because the instances mount it: a new one restarts them, and a new
    # login does not.
    authority = {archives.CA: Text(template=archive.ca)} if archive.ca else {}
    ca = configuration.references(f"{cluster.name}-archive-ca", authority, scope)
    return objects.ObjectStore(
        cluster.name,
        metadata=scope.metadata(host_name(cluster.name)),
        spec=archives.object_store(
            archive,
            configuration.references(f"{cluster.name}-archive", login, scope),
            ca.get(archives.CA),
        ),
        opts=scope.opts,
    )
