"""What Prometheus Operator reads: a PodMonitor for each scrape job, a PrometheusRule for each file.

PodMonitors, because a Service has more ports than those with figures, and a pod that is not ready
is scraped too.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
import yaml

from components.operated import Monitors, ScrapeJob
from components.targets.kubernetes import naming, objects
from components.text import Text


def register(
    described: Monitors,
    operated: Mapping[str, Mapping[str, str]],
    namespace: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """`operated` are the labels of pods that an operator makes, by the names of their addresses."""

    def metadata(name: str) -> dict[str, Any]:
        labels = {**naming.labels(name, described.tier), **described.labels}
        return naming.metadata(naming.host_name(name), namespace, labels)

    for job in described.jobs:
        name = job.watched.name
        objects.PodMonitor(
            name, metadata=metadata(name), spec=pod_monitor(job, operated), opts=opts
        )
    for file, text in described.rules.items():
        name = file.removesuffix(".yml")
        objects.PrometheusRule(name, metadata=metadata(name), spec=rule(text), opts=opts)


def pod_monitor(job: ScrapeJob, operated: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The spec of a PodMonitor. The job's name stays what rules and dashboards know it by."""
    behind = job.watched.address.workload
    return {
        "selector": {"matchLabels": dict(operated.get(behind) or naming.selector(behind))},
        "podMetricsEndpoints": [
            {
                "port": job.watched.port,
                "path": job.watched.path,
                "interval": job.interval,
                "relabelings": [{"targetLabel": "job", "replacement": job.name}],
            }
        ],
    }


def rule(text: Text) -> dict[str, Any]:
    """The spec of a PrometheusRule: the file itself."""
    spec: dict[str, Any] = yaml.safe_load(text.template)
    return spec
