"""The Kubernetes target in its steps: order, refuse, plan, register."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pulumi
from pulumi_kubernetes.provider import Provider

from components.addresses import PROJECT, host_name
from components.catalogue import Catalogue
from components.operated import PostgresCluster
from components.secrets import Secrets
from components.settings import Kubernetes, Settings
from components.targets import RunningStack, formats
from components.targets.known_addresses import refuse_unknown_addresses
from components.targets.kubernetes import (
    guard,
    identity,
    ingress,
    last_deployment,
    naming,
    objects,
    policies,
    rollouts,
)
from components.targets.kubernetes.cloudnative_pg.register import volume
from components.targets.kubernetes.cluster import ReachableCluster
from components.targets.kubernetes.configuration import Configuration
from components.targets.kubernetes.failure import explain
from components.targets.kubernetes.last_deployment import LastDeployment
from components.targets.kubernetes.open_ways import awaiting_servers
from components.targets.kubernetes.plan import Plan, plan
from components.targets.kubernetes.registration import Registration
from components.targets.kubernetes.rollouts import Rollouts
from components.targets.kubernetes.scope import Scope
from components.targets.order import order
from components.targets.shared_names import CERTIFICATE, DENY_ALL, NAMESPACE, refuse_shared_names
from components.tier import Description, Tier
from components.volumes import Volume
from components.workload import Job, Part

# The level `restricted` in the version of the cluster. Violations are refused, and also reported
# as warnings and in the audit log.
POD_SECURITY = {
    f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn", "audit")
}


class KubernetesTarget:
    """Implements components.targets.Target."""

    def __init__(self, settings: Settings, catalogue: Catalogue, secrets: Secrets) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._secrets = secrets

    def run(self, tiers: Sequence[Tier]) -> RunningStack:
        last = last_deployment.read()
        described = order(part for tier in tiers for part in tier.parts)
        parts = formats.settled(described, last.formats)
        cluster = self._refuse(tiers, parts, last)
        busybox = self._catalogue.image("busybox")
        planned = plan(
            [awaiting_servers(part, busybox) if isinstance(part, Job) else part for part in parts],
            self._settings.kubernetes,
        )
        images = self._register(tiers, planned, last, cluster)
        endpoints = (name for tier in tiers for name in tier.endpoints)
        urls = ((name, self._settings.url(name)) for name in endpoints)
        return RunningStack(endpoints={name: url for name, url in urls if url}, images=images)

    def _refuse(
        self, tiers: Sequence[Tier], parts: Sequence[Description], last: LastDeployment
    ) -> ReachableCluster | None:
        """RunError for what must not be registered; the cluster that `up` goes to."""
        settings = self._settings.kubernetes
        refuse_shared_names(tiers)
        refuse_unknown_addresses(parts)
        names = frozenset(name for tier in tiers for name in tier.secret_names)
        guard.secrets(names, settings.secrets)
        guard.variables(parts, settings.secrets)
        guard.namespace(settings, last)
        guard.claims(_volumes(parts), last)
        guard.recoveries(parts, last)
        formats.refuse_other_formats(parts, last.formats)
        cluster = guard.cluster(settings, last)
        guard.plugin(self._settings.plugins, settings.context)
        return cluster

    def _register(
        self,
        tiers: Sequence[Tier],
        planned: Plan,
        last: LastDeployment,
        cluster: ReachableCluster | None,
    ) -> Mapping[str, pulumi.Input[str]]:
        uid = cluster.uid if cluster else self._settings.kubernetes.cluster or last.cluster
        scope = self._scope(planned, cluster, last_deployment.annotations(uid))
        configuration = Configuration(self._secrets, self._catalogue.image("python"))
        registration = Registration(planned, scope, configuration, self._rollouts(cluster), last)
        registration.policies(self._deny_all(scope))
        components = {tier.name: tier.component() for tier in tiers}
        for part in planned.parts:
            registration.part(part, components[part.tier])
        for tier in tiers:
            components[tier.name].register_outputs(
                {
                    **last_deployment.outputs(uid),
                    formats.OUTPUT: formats.of(formats.settled(tier.parts, last.formats)),
                }
            )
        if all(tier.expects_all for tier in tiers):
            registration.confirm()
        ingress.register(planned.exposed, self._settings.kubernetes.ingress, scope)
        return registration.images

    def _rollouts(self, cluster: ReachableCluster | None) -> Rollouts | None:
        if cluster is None or cluster.client is None:
            return None
        namespace = self._settings.kubernetes.namespace
        return rollouts.find(cluster.client, namespace, naming.instance())

    def _scope(
        self, planned: Plan, cluster: ReachableCluster | None, annotations: Mapping[str, str]
    ) -> Scope:
        """Register the provider, the namespace, and the login to the registry."""
        settings = self._settings.kubernetes
        opts = pulumi.ResourceOptions(provider=self._provider())
        scope = Scope(
            settings=settings,
            namespace=_namespace(settings, annotations, opts),
            opts=opts,
            discovered=planned.discovered,
            explain=explain(cluster.client if cluster else None, settings.namespace),
        )
        login = settings.pull_secret or identity.pull_secret(self._settings.registry, scope)
        return replace(scope, pull_secret=login)

    def _provider(self) -> Provider:
        # The SDK would record the path in KUBECONFIG in the state, and a preview elsewhere would
        # show it as a change; the same for one run that adopts objects. The plugin reads the
        # variables from its own environment.
        with _without("KUBECONFIG", naming.ADOPT):
            return Provider(
                "kubernetes",
                context=self._settings.kubernetes.context,
                # A renamed context must not replace the provider and all objects with it.
                # guard.cluster decides which cluster a stack may run on.
                cluster_identifier=PROJECT,
                # Fields that others add to an object stay.
                enable_server_side_apply=True,
                # Objects that keep their name are updated in place. These are the files that only a
                # first start reads, and the login to the registry: while it was replaced, no pod
                # could start.
                enable_config_map_mutable=True,
                enable_secret_mutable=True,
                opts=pulumi.ResourceOptions(version=self._settings.plugins.kubernetes),
            )

    def _deny_all(self, scope: Scope) -> pulumi.Resource:
        """Register the policy that denies all, and the one that cert-manager's pods need."""
        tls = self._settings.kubernetes.ingress.tls
        if tls and tls.issuer:
            controller = self._settings.kubernetes.ingress.controller_namespace
            _policy(CERTIFICATE, policies.solver(controller), scope)
        return _policy(DENY_ALL, policies.DENY, scope)


def _namespace(
    settings: Kubernetes, annotations: Mapping[str, str], opts: pulumi.ResourceOptions
) -> pulumi.Input[str]:
    """Register the namespace, unless it exists already. The result is its name."""
    if not settings.create_namespace:
        return settings.namespace
    metadata = {
        "name": settings.namespace,
        "labels": POD_SECURITY | naming.labels(NAMESPACE, "platform"),
        "annotations": annotations,
    }
    return objects.Namespace(settings.namespace, metadata=metadata, opts=opts).object_name


def _policy(name: str, spec: dict[str, Any], scope: Scope) -> objects.NetworkPolicy:
    scope = scope.of(name, "platform")
    metadata = scope.metadata(host_name(name))
    return objects.NetworkPolicy(name, metadata=metadata, spec=spec, opts=scope.opts)


def _volumes(parts: Sequence[Description]) -> Iterator[Volume]:
    """Every volume that the cluster's storage provides."""
    for part in parts:
        match part:
            case Part():
                yield from part.volumes
            case PostgresCluster():
                yield volume(part)


@contextmanager
def _without(*variables: str) -> Iterator[None]:
    """Hide variables of this process from what runs inside."""
    hidden = {name: os.environ.pop(name) for name in variables if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)
