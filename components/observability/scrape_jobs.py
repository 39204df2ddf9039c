"""Prometheus' configuration: the plain file of monitoring/, and a scrape job for each target."""

from collections.abc import Sequence
from typing import Any

import yaml

from components import plain_files
from components.addresses import metrics_name
from components.text import Text
from components.workload import ScrapeTarget

# How soon Prometheus notices a replica that is new, or gone.
REFRESH = "10s"


def configuration(targets: Sequence[ScrapeTarget]) -> Text:
    jobs = [job(target) for target in targets]
    return Text(template=yaml.safe_dump(plain() | {"scrape_configs": jobs}, sort_keys=False))


def plain() -> dict[str, Any]:
    """The plain file, which has all but the scrape jobs."""
    content: dict[str, Any] = yaml.safe_load(
        plain_files.text("monitoring/prometheus/prometheus.yml").template
    )
    return content


def job(target: ScrapeTarget) -> dict[str, Any]:
    """Every replica is one address of the name `<workload>-metrics`: a network alias on Docker, a
    headless Service on Kubernetes. So discovery needs no permission on a cluster."""
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
