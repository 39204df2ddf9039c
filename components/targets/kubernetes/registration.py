"""Registers the objects of a tier's parts on the cluster."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.addresses import host_name
from components.operated import Monitors, PostgresCluster
from components.targets.kubernetes import (
    identity,
    jobs,
    monitors,
    naming,
    objects,
    open_ways,
    pods,
    scaling,
    services,
    storage,
    workloads,
)
from components.targets.kubernetes.cloudnative_pg import register as cloudnative_pg
from components.targets.kubernetes.configuration import Configuration
from components.targets.kubernetes.last_deployment import LastDeployment
from components.targets.kubernetes.plan import Plan
from components.targets.kubernetes.rollouts import NO_WAIT, Rollout, Rollouts
from components.targets.kubernetes.scope import Scope
from components.tier import Description
from components.workload import Job, Part, Workload

Dependencies = Sequence[pulumi.Input[pulumi.Resource]]


class Registration:
    """Registers parts. Each part comes after those that it starts after.

    `rollouts` are those of the cluster that `up` changes; None in a preview.
    """

    def __init__(
        self,
        plan: Plan,
        scope: Scope,
        configuration: Configuration,
        rollouts: Rollouts | None,
        last: LastDeployment,
    ) -> None:
        self._plan = plan
        self._scope = scope
        self._configuration = configuration
        self._rollouts = rollouts
        self._last = last
        self._settled: list[tuple[Rollout, pulumi.Output[bool]]] = []
        self._images: dict[str, pulumi.Input[str]] = {}
        self._policies: dict[str, Dependencies] = {}
        """By a part's name, its policies, which must exist before its pods run."""
        self._dependencies: dict[str, Dependencies] = {}
        """By a part's name, the resources that must exist before a part that starts after it."""

    @property
    def images(self) -> Mapping[str, pulumi.Input[str]]:
        return dict(self._images)

    def policies(self, deny_all: pulumi.Resource) -> None:
        """Register the policies of every part. They open what `deny_all` closes."""
        for part in self._plan.parts:
            scopes = {
                name: self._scope.of(name, part.tier) for name in self._plan.policies[part.name]
            }
            policies = [
                objects.NetworkPolicy(
                    name,
                    metadata=scope.metadata(host_name(name)),
                    spec=self._plan.policies[part.name][name],
                    opts=scope.opts,
                )
                for name, scope in scopes.items()
            ]
            self._policies[part.name] = [deny_all, *policies]

    def part(self, part: Description, component: pulumi.Resource) -> None:
        scope = self._scope.of(part.name, part.tier, component)
        match part:
            case Workload():
                self._dependencies[part.name] = self._workload(part, scope)
            case Job():
                self._dependencies[part.name] = self._job(part, scope)
            case PostgresCluster():
                self._dependencies |= self._postgres_cluster(part, scope)
            case Monitors():
                monitors.register(part, self._plan.operated, scope)

    def confirm(self) -> None:
        """Fail `up` at its end unless every workload is rolled out."""
        if self._rollouts:
            self._rollouts.confirm(self._settled)

    def _workload(self, workload: Workload, scope: Scope) -> Dependencies:
        template = self._template(workload, scope)
        addresses = services.register(workload, scope)
        kind = objects.StatefulSet if workload.volumes else objects.Deployment
        rollout = Rollout(
            kind=kind.__name__,
            name=host_name(workload.name),
            labels=naming.selector(workload.name),
            patience=workloads.patience(workload, scope.settings),
        )
        resource = kind(
            workload.name,
            metadata=scope.metadata(host_name(workload.name), annotations=NO_WAIT),
            spec=workloads.spec(workload, template, scope.settings),
            opts=scope.options(
                depends_on=self._after(workload),
                hooks=self._hooks(rollout),
            ),
        )
        scaling.register(workload, resource, scope)
        return [
            *self._policies[workload.name],
            *addresses,
            self._when_settled(rollout, resource),
        ]

    def _when_settled(
        self, rollout: Rollout, resource: pulumi.CustomResource
    ) -> pulumi.Input[pulumi.Resource]:
        """The workload once its roll-out is done, for parts that start after it."""
        if self._rollouts is None:
            return resource
        settled = self._rollouts.settled(rollout, resource)
        self._settled.append((rollout, settled))
        return settled.apply(lambda _: resource)

    def _hooks(self, rollout: Rollout) -> pulumi.ResourceHookBinding | None:
        """What the engine calls when a workload has changed, and when its change has failed."""
        explain = self._scope.explain
        if self._rollouts is None:
            return explain
        return pulumi.ResourceHookBinding.merge(explain, self._rollouts.hooks(rollout))

    def _job(self, job: Job, scope: Scope) -> Dependencies:
        template = self._template(job, scope)
        if job.schedule:
            cron_job = objects.CronJob(
                job.name,
                metadata=scope.metadata(host_name(job.name)),
                spec=jobs.cron_job(job, template),
                opts=scope.options(depends_on=self._after(job), hooks=scope.explain),
            )
            return [*self._policies[job.name], cron_job]

        def once(name: str) -> pulumi.Input[pulumi.Resource]:
            return self._once(job, name, template, scope)

        name = jobs.name(job, template)
        return [*self._policies[job.name], name.apply(once, run_with_unknowns=True)]

    def _once(
        self, job: Job, name: str, template: dict[str, Any], scope: Scope
    ) -> pulumi.Input[pulumi.Resource]:
        """Register a Job, whose name may be unknown in a preview. The result is known when it is
        done."""
        failed = self._rollouts.failed_jobs if self._rollouts else {}
        rollout = Rollout(
            kind="Job",
            name=name,
            labels=naming.selector(job.name),
            patience=jobs.patience(job, scope.settings),
        )
        annotations = {**NO_WAIT, **jobs.repeating(name, failed)}
        resource = objects.Job(
            job.name,
            metadata=scope.metadata(name, annotations=annotations),
            spec=jobs.once(job, template),
            opts=pulumi.ResourceOptions.merge(
                scope.options(depends_on=self._after(job), hooks=self._hooks(rollout)),
                jobs.options(name, self._last.jobs, failed),
            ),
        )
        if self._rollouts is None:
            return resource
        return self._rollouts.settled(rollout, resource).apply(lambda _: resource)

    def _postgres_cluster(self, cluster: PostgresCluster, scope: Scope) -> dict[str, Dependencies]:
        self._images[cluster.name] = cluster.image.reference
        if cluster.pooler:
            self._images[cluster.entry.workload] = cluster.pooler.image.reference
        after = self._after(cluster)
        return cloudnative_pg.register(cluster, self._configuration, scope, after)

    def _template(self, part: Part, scope: Scope) -> pods.Template:
        """Register what a part's pods need. The result is their template."""
        account = identity.service_account(part.name, scope)
        containers = list(part.all_containers())
        self._images |= {
            container.name: container.image.reference
            for container in containers
            # The outputs have the same keys on both targets.
            if container.name != open_ways.step_name(part.name)
        }
        return pods.template(
            part,
            pods.PodInputs(
                scope=scope,
                service_account=account.object_name,
                mounted=[self._configuration.of(container, scope) for container in containers],
                claims=[storage.claim(volume, scope).object_name for volume in part.volumes],
            ),
        )

    def _after(self, part: Part | PostgresCluster) -> list[pulumi.Input[pulumi.Resource]]:
        others = (
            dependency for name in part.starts_after for dependency in self._dependencies[name]
        )
        return [*self._policies[part.name], *others]
