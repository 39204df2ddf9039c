"""The Kubernetes target: the objects of one namespace on a cluster."""

import os
from collections.abc import Mapping, Sequence

import pulumi
import pulumi_kubernetes as k8s

from components.credentials import Credentials
from components.images import Catalogue
from components.settings import Settings
from components.targets.kubernetes import (
    guard,
    identity,
    ingress,
    naming,
    network,
    pods,
    remembered,
    scaling,
    storage,
    workloads,
)
from components.targets.kubernetes.configuration import Configuration
from components.targets.kubernetes.failure import explain
from components.tier import Tier
from components.workload import Exposure, Workload

SKIP_AWAIT = {"pulumi.com/skipAwait": "true"}
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
        self._uid = here.uid if here else settings.kubernetes.cluster or self._known.cluster
        self._explain = explain(here.client if here else None, settings.kubernetes.namespace)
        self._images: dict[str, pulumi.Input[str]] = {}
        self._running: dict[str, list[pulumi.Resource]] = {}

    @property
    def images(self) -> Mapping[str, pulumi.Input[str]]:
        return self._images

    def endpoint(self, name: str) -> str | None:
        wanted = self._settings.kubernetes.ingress
        return f"https://{wanted.hosts[name]}" if name in wanted.hosts else None

    def run(self, tiers: Sequence[Tier]) -> None:
        described = [workload for tier in tiers for workload in tier.workloads]
        self._prepare(described)
        self._network(described)
        for tier in tiers:
            for workload in tier.workloads:
                self._run(workload, tier)
            tier.register_outputs({})
        self._ingress(described)

    def _prepare(self, described: Sequence[Workload]) -> None:
        """Refuse claims that shrink, and only then register the cluster and the namespace."""
        wanted = self._settings.kubernetes
        guard.claims([each for workload in described for each in workload.volumes], self._known)
        # The provider would keep this path in the state, and a preview elsewhere would show it as
        # a change. The plugin sees the variable in its own environment.
        os.environ.pop("KUBECONFIG", None)
        provider = k8s.Provider(
            "kubernetes",
            context=wanted.context,
            # Never replaced, and all objects with it, because a context was renamed: which cluster
            # a stack may run on is refused above.
            cluster_identifier=naming.PROJECT,
            # A hand-made change of a field that we set is put right; what others add stays.
            enable_server_side_apply=True,
            enable_patch_force=True,
            # Files that only a first start reads are updated in place and roll nothing.
            enable_config_map_mutable=True,
        )
        self._opts = pulumi.ResourceOptions(provider=provider)
        self._namespace = k8s.core.v1.Namespace(
            wanted.namespace,
            metadata={
                "name": wanted.namespace,
                "labels": POD_SECURITY | naming.labels("namespace", "platform"),
                "annotations": {remembered.CLUSTER: self._uid} if self._uid else {},
            },
            opts=self._opts,
        ).metadata.name
        self._configuration = Configuration(
            self._credentials,
            self._namespace,
            self._known,
            Catalogue(self._settings).image("python"),
        )
        secret = identity.pull_secret(self._settings, self._namespace, self._opts)
        self._pull_secret = secret.metadata.name if secret else None

    def _network(self, described: Sequence[Workload]) -> None:
        wanted = self._settings.kubernetes
        deny = k8s.networking.v1.NetworkPolicy(
            "deny-all",
            metadata=naming.metadata(
                f"{naming.PROJECT}-deny-all", self._namespace, naming.labels("deny-all", "platform")
            ),
            spec=network.DENY,
            opts=self._opts,
        )
        entered = {workload.name: exposure.port for workload, exposure in self._exposed(described)}
        specs = network.policies(
            described, entered, wanted.ingress.controller_namespace, wanted.dns
        )
        for workload in described:
            policy = k8s.networking.v1.NetworkPolicy(
                workload.name,
                metadata=self._metadata(workload),
                spec=specs[workload.name],
                opts=self._opts,
            )
            # No pod runs before it is known whom it may reach.
            self._running[workload.name] = [deny, policy]

    def _run(self, workload: Workload, tier: Tier) -> None:
        opts = pulumi.ResourceOptions.merge(self._opts, pulumi.ResourceOptions(parent=tier))
        labels = naming.labels(workload.name, workload.tier)
        account = identity.service_account(workload.name, labels, self._namespace, opts)
        place = pods.Place(
            settings=self._settings.kubernetes,
            service_account=account.metadata.name,
            mounted=[self._configuration.of(each, labels, opts) for each in workload.containers()],
            claims=[
                storage.claim(
                    volume, labels, self._namespace, self._settings.kubernetes.storage_class, opts
                ).metadata.name
                for volume in workload.volumes
            ],
            pull_secret=self._pull_secret,
        )
        self._images |= {each.name: each.image.reference for each in workload.containers()}
        services = self._services(workload, opts)
        after = [made for name in workload.starts_after for made in self._running[name]]
        patience = workloads.patience(workload, self._settings.kubernetes)
        kind = k8s.apps.v1.StatefulSet if workload.volumes else k8s.apps.v1.Deployment
        spec = workloads.stateful_set if workload.volumes else workloads.deployment
        running = kind(
            workload.name,
            metadata=self._metadata(workload),
            spec=spec(workload, pods.template(workload, place)),
            opts=pulumi.ResourceOptions.merge(
                opts,
                pulumi.ResourceOptions(
                    depends_on=[*self._running[workload.name], *after],
                    custom_timeouts=pulumi.CustomTimeouts(create=patience, update=patience),
                    hooks=self._explain,
                ),
            ),
        )
        self._running[workload.name] += [*services, running]
        self._scale(workload, kind.__name__, running, opts)

    def _services(self, workload: Workload, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
        """The workloads behind them are awaited: nothing waits for an address."""
        made: list[pulumi.Resource] = []
        if workload.ports:
            made.append(
                k8s.core.v1.Service(
                    workload.name,
                    metadata=self._metadata(workload, annotations=SKIP_AWAIT),
                    spec=network.service(workload),
                    opts=opts,
                )
            )
        if any(each.scraped for each in workload.containers()):
            watched = workload.metrics_of or workload.name
            made.append(
                k8s.core.v1.Service(
                    f"{watched}-metrics",
                    metadata=naming.metadata(
                        naming.metrics_name(watched),
                        self._namespace,
                        naming.labels(workload.name, workload.tier),
                        annotations=SKIP_AWAIT,
                    ),
                    spec=network.headless(workload),
                    opts=opts,
                )
            )
        return made

    def _scale(
        self, workload: Workload, kind: str, running: pulumi.Resource, opts: pulumi.ResourceOptions
    ) -> None:
        if scaling.autoscaled(workload.replicas):
            k8s.autoscaling.v2.HorizontalPodAutoscaler(
                workload.name,
                metadata=self._metadata(workload, annotations=SKIP_AWAIT),
                spec=scaling.autoscaler(workload, kind),
                opts=pulumi.ResourceOptions.merge(
                    opts, pulumi.ResourceOptions(depends_on=[running])
                ),
            )
        if workload.replicas.max > 1:
            k8s.policy.v1.PodDisruptionBudget(
                workload.name,
                metadata=self._metadata(workload),
                spec=scaling.disruption_budget(workload),
                opts=opts,
            )

    def _ingress(self, described: Sequence[Workload]) -> None:
        exposed = self._exposed(described)
        if exposed:
            k8s.networking.v1.Ingress(
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

    def _metadata(self, workload: Workload, **more: object) -> dict[str, object]:
        return naming.metadata(
            naming.host_name(workload.name),
            self._namespace,
            naming.labels(workload.name, workload.tier),
            **more,
        )
