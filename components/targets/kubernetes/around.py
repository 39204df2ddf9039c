"""What stands around a workload: its addresses, its autoscaler and its disruption budget."""

import pulumi

from components.targets.kubernetes import naming, network, objects, scaling
from components.workload import Workload

# Nothing waits for an address: the workloads behind it are awaited themselves.
SKIP_AWAIT = {"pulumi.com/skipAwait": "true"}


def services(
    workload: Workload,
    namespace: pulumi.Input[str],
    discovered: bool,
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """Register its Services: one for its clients, and one where Prometheus discovers its pods."""
    made: list[pulumi.Resource] = []
    if workload.ports:
        made.append(
            objects.Service(
                workload.name,
                metadata=naming.of_workload(workload, namespace, annotations=SKIP_AWAIT),
                spec=network.service(workload),
                opts=opts,
            )
        )
    if discovered and any(each.scraped for each in workload.containers()):
        watched = workload.metrics_of or workload.name
        made.append(
            objects.Service(
                f"{watched}-metrics",
                metadata=naming.metadata(
                    naming.metrics_name(watched),
                    namespace,
                    naming.labels(workload.name, workload.tier),
                    annotations=SKIP_AWAIT,
                ),
                spec=network.headless(workload),
                opts=opts,
            )
        )
    return made


def scale(
    workload: Workload,
    kind: str,
    running: pulumi.Resource,
    namespace: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Register what decides how many run, and how many may be away at once."""
    if scaling.autoscaled(workload.replicas):
        objects.HorizontalPodAutoscaler(
            workload.name,
            metadata=naming.of_workload(workload, namespace, annotations=SKIP_AWAIT),
            spec=scaling.autoscaler(workload, kind),
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[running])),
        )
    if workload.replicas.max > 1:
        objects.PodDisruptionBudget(
            workload.name,
            metadata=naming.of_workload(workload, namespace),
            spec=scaling.disruption_budget(workload),
            opts=opts,
        )
