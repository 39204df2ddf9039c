"""Prometheus' configuration: the file in monitoring/, and a scrape job for each target."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from components import plain_files
from components.addresses import metrics_name
from components.probe import PROBE_INTERVAL, PROBE_PATH, PROBES, Probe
from components.text import Text
from components.workload import ScrapeTarget

# How soon Prometheus notices that a replica has started or stopped.
REFRESH = "10s"


def configuration(
    targets: Sequence[ScrapeTarget], probes: Sequence[Probe], external_labels: Mapping[str, str]
) -> Text:
    """`external_labels` are those of every alert."""
    content = plain()
    content["global"]["external_labels"] = dict(external_labels)
    content["scrape_configs"] = [
        *map(job, targets),
        *([probe_job(probes)] if probes else []),
    ]
    return Text(template=yaml.safe_dump(content, sort_keys=False))


def plain() -> dict[str, Any]:
    """The file in monitoring/, which has everything except the scrape jobs."""
    content: dict[str, Any] = yaml.safe_load(
        plain_files.text("monitoring/prometheus/prometheus.yml").template
    )
    return content


def job(target: ScrapeTarget) -> dict[str, Any]:
    """The scrape job of a target.

    The name `<workload>-metrics` has one address per replica: it is a network alias on Docker and a
    headless Service on Kubernetes. Discovery therefore needs no permissions on a cluster.
    """
    interval = {"scrape_interval": target.interval} if target.interval else {}
    return {
        "job_name": target.job,
        **interval,
        "metrics_path": target.path,
        "dns_sd_configs": [
            {
                "names": [metrics_name(target.name)],
                "type": "A",
                "port": target.address.port,
                "refresh_interval": REFRESH,
            }
        ],
    }


def probe_job(probes: Sequence[Probe]) -> dict[str, Any]:
    """The scrape job of all probes. Each has its parameters in labels that Prometheus drops."""
    return {
        "job_name": PROBES,
        "scrape_interval": PROBE_INTERVAL,
        "metrics_path": PROBE_PATH,
        "static_configs": [
            {
                "targets": [f"{probe.prober.host}:{probe.prober.port}"],
                "labels": {
                    **probe.labels,
                    **{f"__param_{name}": value for name, value in probe.parameters.items()},
                },
            }
            for probe in probes
        ],
    }
