"""The Kubernetes target: the objects of one namespace on a cluster."""

import os
from collections.abc import Mapping, Sequence

import pulumi
from pulumi_kubernetes.provider import Provider

from components.credentials import Credentials
from components.images import Catalogue
from components.operated import Monitors, PostgresCluster
from components.settings import Settings
from components.targets.kubernetes import (
    around,
    guard,
    identity,
    ingress,
    jobs,
    monitors,
    naming,
    network,
    objects,
    operated,
    pods,
    postgres,
    remembered,
    rollouts,
    storage,
    workloads,
)
from components.targets.kubernetes.configuration import Configuration
from components.targets.kubernetes.failure import explain
from components.targets.kubernetes.rollouts import Rollout
from components.tier import Tier
from components.workload import Exposure, Job, Part, Workload

# `restricted` in the version of the cluster: enforced, and said to who applies something else.
POD_SECURITY = {
    f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn", "audit")
}


class KubernetesTarget:
    """Implements components.targets.Target."""

    def __init__(self, settings: Settings, credentials: Credentials) -> None:
        self._settings = settings
        self._credentials = credentials
        self._known = remembered.read()
        here = guard.cluster(settings.kubernetes, self._known)
        guard.plugin(settings.plugins, settings.kubernetes.context)
        self._uid = here.uid if here else settings.kubernetes.cluster or self._known.cluster
        namespace = settings.kubernetes.namespace
        self._explain = explain(here.client if here else None, namespace)
        self._rollouts = (
            rollouts.find(here.client, namespace, naming.instance())
            if here and here.client
            else None
        )
        self._settled: list[tuple[Rollout, pulumi.Output[bool]]] = []
        # Whether a Prometheus of ours finds pods by name.
        self._discovered = settings.observability.mode == "builtin"
        self._images: dict[str, pulumi.Input[str]] = {}
        # What has to be there before something starts after a part, by the part's name.
        self._running: dict[str, list[pulumi.Input[pulumi.Resource]]] = {}

    @property
    def images(self) -> Mapping[str, pulumi.Input[str]]:
        return self._images

    def endpoint(self, name: str) -> str | None:
        return self._settings.url(name)

    def run(self, tiers: Sequence[Tier]) -> None:
        parts = [part for tier in tiers for part in tier.parts]
        described = [part for part in parts if isinstance(part, Part)]
        clusters = [part for part in parts if isinstance(part, PostgresCluster)]
        self._prepare(described, clusters)
        self._network(described, clusters)
        for tier in tiers:
            for part in tier.parts:
                match part:
                    case Workload():
                        self._run(part, tier)
                    case Job():
                        self._job(part, tier)
                    case PostgresCluster():
                        self._postgres_cluster(part, tier)
                    case Monitors():
                        opts = self._under(tier)
                        monitors.register(part, self._operated, self._namespace, opts)
            tier.register_outputs({})
        if self._rollouts:
            self._rollouts.confirm(self._settled)
        self._ingress([part for part in described if isinstance(part, Workload)])

    def _prepare(self, described: Sequence[Part], clusters: Sequence[PostgresCluster]) -> None:
        """Refuse claims that shrink, and only then register the cluster and the namespace."""
        wanted = self._settings.kubernetes
        kept = [each for part in described for each in part.volumes]
        guard.claims([*kept, *map(operated.volume, clusters)], self._known)
        # The provider would keep this path in the state, and a preview elsewhere would show it as
        # a change. The plugin sees the variable in its own environment.
        os.environ.pop("KUBECONFIG", None)
        provider = Provider(
            "kubernetes",
            context=wanted.context,
            # Never replaced, and all objects with it, because a context was renamed: which cluster
            # a stack may run on is refused above.
            cluster_identifier=naming.PROJECT,
            # What others add to an object beside the fields that we set stays.
            enable_server_side_apply=True,
            # What has one name for ever is updated in place: files that only a first start reads,
            # and the login at the registry, without which no pod could be made meanwhile.
            enable_config_map_mutable=True,
            enable_secret_mutable=True,
            opts=pulumi.ResourceOptions(version=self._settings.plugins.kubernetes),
        )
        self._opts = pulumi.ResourceOptions(provider=provider)
        self._namespace = objects.Namespace(
            wanted.namespace,
            metadata={
                "name": wanted.namespace,
                "labels": POD_SECURITY | naming.labels("namespace", "platform"),
                "annotations": {remembered.CLUSTER: self._uid} if self._uid else {},
            },
            opts=self._opts,
        ).object_name
        self._configuration = Configuration(
            self._credentials,
            self._namespace,
            self._known,
            Catalogue(self._settings).image("python"),
        )
        secret = identity.pull_secret(self._settings, self._namespace, self._opts)
        self._pull_secret = secret.object_name if secret else None

    def _network(self, described: Sequence[Part], clusters: Sequence[PostgresCluster]) -> None:
        wanted = self._settings.kubernetes
        deny = objects.NetworkPolicy(
            "deny-all",
            metadata=naming.metadata(
                f"{naming.PROJECT}-deny-all", self._namespace, naming.labels("deny-all", "platform")
            ),
            spec=network.DENY,
            opts=self._opts,
        )
        if wanted.ingress.tls and wanted.ingress.tls.issuer:
            objects.NetworkPolicy(
                "certificate",
                metadata=naming.metadata(
                    f"{naming.PROJECT}-certificate",
                    self._namespace,
                    naming.labels("certificate", "platform"),
                ),
                spec=network.solver(wanted.ingress.controller_namespace),
                opts=self._opts,
            )
        workloads = [part for part in described if isinstance(part, Workload)]
        entered = {workload.name: exposure.port for workload, exposure in self._exposed(workloads)}
        self._operated = {
            name: labels for each in clusters for name, labels in postgres.selectors(each).items()
        }
        watched = self._settings.observability
        watching = None if self._discovered else watched.operator.namespace
        specs = network.policies(
            described,
            entered,
            wanted.ingress.controller_namespace,
            wanted.dns,
            self._operated,
            watching,
        )
        tiers = {part.name: part.tier for part in described}
        for each in clusters:
            made = postgres.policies(each, described, wanted, watching)
            specs |= made
            tiers |= dict.fromkeys(made, each.tier)
        for name, spec in specs.items():
            policy = objects.NetworkPolicy(
                name,
                metadata=naming.metadata(
                    naming.host_name(name), self._namespace, naming.labels(name, tiers[name])
                ),
                spec=spec,
                opts=self._opts,
            )
            # No pod runs before it is known whom it may reach.
            self._running[name] = [deny, policy]

    def _under(self, tier: Tier) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(self._opts, pulumi.ResourceOptions(parent=tier))

    def _place(self, part: Part, opts: pulumi.ResourceOptions) -> pods.Place:
        """What the part's pods need, registered."""
        labels = naming.labels(part.name, part.tier)
        account = identity.service_account(part.name, labels, self._namespace, opts)
        self._images |= {each.name: each.image.reference for each in part.containers()}
        return pods.Place(
            settings=self._settings.kubernetes,
            service_account=account.object_name,
            mounted=[self._configuration.of(each, labels, opts) for each in part.containers()],
            claims=[
                storage.claim(
                    volume, labels, self._namespace, self._settings.kubernetes.storage_class, opts
                ).object_name
                for volume in part.volumes
            ],
            pull_secret=self._pull_secret,
        )

    def _run(self, workload: Workload, tier: Tier) -> None:
        opts = self._under(tier)
        place = self._place(workload, opts)
        services = around.services(workload, self._namespace, self._discovered, opts)
        after = [made for name in workload.starts_after for made in self._running[name]]
        settings = self._settings.kubernetes
        template = pods.template(workload, place)
        kind = objects.StatefulSet if workload.volumes else objects.Deployment
        rollout = Rollout(
            kind=kind.__name__,
            name=naming.host_name(workload.name),
            labels=naming.selector(workload.name),
            patience=workloads.patience(workload, settings),
        )
        patience = f"{rollout.patience}s"
        running = kind(
            workload.name,
            metadata=naming.of_workload(workload, self._namespace),
            spec=workloads.stateful_set(workload, template)
            if workload.volumes
            else workloads.deployment(workload, template, settings),
            opts=pulumi.ResourceOptions.merge(
                opts,
                pulumi.ResourceOptions(
                    depends_on=[*self._running[workload.name], *after],
                    custom_timeouts=pulumi.CustomTimeouts(create=patience, update=patience),
                    hooks=self._hooks(rollout),
                ),
            ),
        )
        self._running[workload.name] += [*services, self._when_settled(rollout, running)]
        around.scale(workload, kind.__name__, running, self._namespace, opts)

    def _when_settled(
        self, rollout: Rollout, running: pulumi.CustomResource
    ) -> pulumi.Input[pulumi.Resource]:
        """The workload, for what starts after it."""
        if self._rollouts is None:
            return running
        settled = self._rollouts.settled(rollout, running)
        self._settled.append((rollout, settled))
        return settled.apply(lambda _: running)

    def _hooks(self, rollout: Rollout) -> pulumi.ResourceHookBinding | None:
        """What the engine calls when a workload changed, and when it could not be changed."""
        if self._rollouts is None:
            return self._explain
        return pulumi.ResourceHookBinding.merge(self._explain, self._rollouts.hooks(rollout))

    def _job(self, described: Job, tier: Tier) -> None:
        opts = self._under(tier)
        template = pods.template(described, self._place(described, opts))
        once = described.schedule is None
        after = [made for name in described.starts_after for made in self._running[name]]
        made = (objects.Job if once else objects.CronJob)(
            described.name,
            metadata=naming.metadata(
                jobs.name(described, template) if once else naming.host_name(described.name),
                self._namespace,
                naming.labels(described.name, described.tier),
            ),
            spec=(jobs.job if once else jobs.cron_job)(described, template),
            opts=pulumi.ResourceOptions.merge(
                opts,
                pulumi.ResourceOptions(
                    depends_on=[*self._running[described.name], *after],
                    custom_timeouts=pulumi.CustomTimeouts(
                        create=jobs.patience(described, self._settings.kubernetes)
                    ),
                    # One that failed is done again by the next `up`; its name may be the same.
                    replace_on_changes=["#initerror"],
                    delete_before_replace=True,
                    hooks=self._explain,
                ),
            ),
        )
        self._running[described.name].append(made)

    def _postgres_cluster(self, described: PostgresCluster, tier: Tier) -> None:
        ground = operated.Ground(
            settings=self._settings.kubernetes,
            configuration=self._configuration,
            namespace=self._namespace,
            pull_secret=self._pull_secret,
            explain=self._explain,
            discovered=self._discovered,
            opts=self._under(tier),
        )
        images = {described.name: described.image}
        if described.pooler:
            images[described.entry.workload] = described.pooler.image
        self._images |= {name: image.reference for name, image in images.items()}
        allowed = [
            each
            for name in postgres.policies(described, (), ground.settings)
            for each in self._running[name]
        ]
        self._running |= operated.postgres_cluster(described, ground, dict.fromkeys(allowed))

    def _ingress(self, described: Sequence[Workload]) -> None:
        exposed = self._exposed(described)
        if exposed:
            objects.Ingress(
                naming.PROJECT,
                metadata=naming.metadata(
                    f"{naming.PROJECT}-ingress",
                    self._namespace,
                    naming.labels("ingress", "web"),
                    annotations=ingress.annotations(self._settings),
                ),
                spec=ingress.spec(self._settings, exposed),
                opts=self._opts,
            )

    def _exposed(self, described: Sequence[Workload]) -> list[tuple[Workload, Exposure]]:
        """What has a host name of its own."""
        hosts = self._settings.kubernetes.ingress.hosts
        return [
            (workload, workload.exposure)
            for workload in described
            if workload.exposure and workload.exposure.endpoint in hosts
        ]
