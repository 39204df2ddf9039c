"""Parts that an operator on the cluster makes: the objects that it reads, and those around them."""

from collections.abc import Iterable
from dataclasses import dataclass

import pulumi

from components.operated import PostgresCluster, Role
from components.settings.kubernetes import Kubernetes
from components.targets.kubernetes import naming, objects, postgres
from components.targets.kubernetes.around import SKIP_AWAIT
from components.targets.kubernetes.configuration import Configuration
from components.workload import Volume

READY = {"pulumi.com/waitFor": "condition=Ready"}


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What the objects of a part stand on."""

    settings: Kubernetes
    configuration: Configuration
    namespace: pulumi.Input[str]
    pull_secret: pulumi.Input[str] | None
    explain: pulumi.ResourceHookBinding | None
    discovered: bool
    """Whether a Prometheus of ours finds pods by name."""
    opts: pulumi.ResourceOptions


def volume(described: PostgresCluster) -> Volume:
    """What the operator claims for each instance, so that it is never made smaller."""
    return Volume(name=described.name, path="/", size=described.size)


def postgres_cluster(
    described: PostgresCluster, ground: Ground, after: Iterable[pulumi.Input[pulumi.Resource]]
) -> dict[str, list[pulumi.Input[pulumi.Resource]]]:
    """Register a cluster and its pooler; what has to be there for each name that others reach."""
    labels = naming.labels(described.name, described.tier)

    def metadata(name: str, annotations: dict[str, str]) -> dict[str, object]:
        named = naming.host_name(name)
        return naming.metadata(named, ground.namespace, labels, annotations=annotations)

    def login(role: Role, purpose: str) -> pulumi.Input[str]:
        resource = f"{described.name}-{purpose}"
        return ground.configuration.login(resource, role.user, role.password, labels, ground.opts)

    headless = postgres.headless(described) if ground.discovered else {}
    for name, spec in headless.items():
        objects.Service(
            f"{name}-metrics",
            metadata=metadata(f"{name}-metrics", SKIP_AWAIT),
            spec=spec,
            opts=ground.opts,
        )
    patience = postgres.patience(described, ground.settings)
    cluster = objects.Cluster(
        described.name,
        metadata=metadata(described.name, READY),
        spec=postgres.cluster(
            described,
            ground.settings,
            login(described.superuser, "superuser"),
            login(described.owner, "owner"),
            ground.pull_secret,
        ),
        opts=pulumi.ResourceOptions.merge(
            ground.opts,
            pulumi.ResourceOptions(
                # The operator removes a cluster's data with it.
                protect=True,
                depends_on=list(after),
                custom_timeouts=pulumi.CustomTimeouts(create=patience, update=patience),
                hooks=ground.explain,
            ),
        ),
    )
    made: dict[str, list[pulumi.Input[pulumi.Resource]]] = {
        described.primary.workload: [*after, cluster]
    }
    if described.pooler:
        name = described.entry.workload
        pooler = objects.Pooler(
            name,
            metadata=metadata(name, {}),
            spec=postgres.pooler(
                described,
                described.pooler,
                ground.settings,
                cluster.object_name,
                ground.pull_secret,
            ),
            opts=pulumi.ResourceOptions.merge(
                ground.opts, pulumi.ResourceOptions(depends_on=[*after, cluster])
            ),
        )
        made[name] = [cluster, pooler]
    return made
