"""What the Prometheus Operator reads: a PodMonitor for each scrape job, a PrometheusRule for each
file.

ServiceMonitors would not do: a Service has ports without metrics, and Prometheus must also scrape
pods that are not ready.
"""

from typing import Any

import yaml

from components.addresses import host_name
from components.operated import Monitors
from components.probe import PROBE_INTERVAL, PROBE_PATH, PROBES, Probe
from components.targets.kubernetes import naming, objects
from components.targets.kubernetes.policies import Selectors
from components.targets.kubernetes.scope import Scope
from components.text import Text
from components.workload import ScrapeTarget


def register(monitors: Monitors, operated: Selectors, scope: Scope) -> None:
    """`operated` are the labels of an operator's pods, by the names of their addresses."""

    def metadata(name: str) -> dict[str, Any]:
        labels = {**naming.labels(name, monitors.tier), **monitors.labels}
        return scope.metadata(host_name(name)) | {"labels": labels}

    for target in monitors.jobs:
        objects.PodMonitor(
            target.name,
            metadata=metadata(target.name),
            spec=pod_monitor(target, monitors, operated),
            opts=scope.opts,
        )
    for file, text in monitors.rules.items():
        name = file.removesuffix(".yml")
        objects.PrometheusRule(name, metadata=metadata(name), spec=rule(text), opts=scope.opts)


def pod_monitor(target: ScrapeTarget, monitors: Monitors, operated: Selectors) -> dict[str, Any]:
    """The spec of a PodMonitor. The label `job` stays the one that rules and dashboards select.

    A prober is scraped once more for each of its probes.
    """
    workload = target.address.workload
    return {
        "selector": {"matchLabels": dict(operated.get(workload) or naming.selector(workload))},
        "podMetricsEndpoints": [
            {
                "port": target.port,
                "path": target.path,
                "interval": target.interval or monitors.interval,
                "relabelings": [{"targetLabel": "job", "replacement": target.job}],
            },
            *(_probe(probe) for probe in monitors.probes if probe.prober == target.address),
        ],
    }


def _probe(probe: Probe) -> dict[str, Any]:
    """The endpoint of a probe. The operator's own kind `Probe` cannot name the host of a request
    in every version."""
    labels = {"job": PROBES, **probe.labels}
    return {
        "port": probe.port,
        "path": PROBE_PATH,
        "interval": PROBE_INTERVAL,
        "params": {name: [value] for name, value in probe.parameters.items()},
        "relabelings": [
            {"targetLabel": label, "replacement": value} for label, value in labels.items()
        ],
    }


def rule(text: Text) -> dict[str, Any]:
    """The spec of a PrometheusRule: the content of the rule file."""
    spec: dict[str, Any] = yaml.safe_load(text.template)
    return spec
