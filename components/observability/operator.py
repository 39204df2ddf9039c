"""The scrape jobs and rules for a Prometheus that an operator runs on the cluster."""

from collections.abc import Mapping, Sequence

from components.observability import TIER, links, rules, scrape_jobs
from components.operated import Monitors
from components.probe import Probe
from components.settings import Settings
from components.workload import ScrapeTarget


def monitors(
    settings: Settings,
    scrape_targets: Sequence[ScrapeTarget],
    probes: Sequence[Probe],
    origin: Mapping[str, str],
) -> Monitors:
    """The same jobs and rules as for our own Prometheus, bound to the stack's namespace. The
    cluster's Alertmanager decides where alerts are sent; the labels of `origin` tell it where they
    come from."""
    observability = settings.observability
    return Monitors(
        name=TIER,
        tier=TIER,
        asked_by="observability.mode: operator",
        jobs=tuple(scrape_targets),
        probes=tuple(probes),
        interval=scrape_jobs.plain()["global"]["scrape_interval"],
        rules=rules.bound(
            rules.files(scrape_targets, links.runbook_base_url(settings)),
            settings.kubernetes.namespace,
            origin,
        ),
        labels=observability.operator.labels,
        namespace=observability.operator.namespace,
    )
