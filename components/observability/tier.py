"""The observability tier: the parts that the settings select to monitor the other tiers."""

from collections.abc import Sequence

import pulumi

from components.catalogue import Catalogue
from components.observability import TIER, alertmanager, grafana, operator, prometheus
from components.settings import Settings
from components.tier import Description, Login, Tier
from components.workload import ScrapeTarget


class ObservabilityTier(Tier):
    name = TIER

    def __init__(
        self, settings: Settings, catalogue: Catalogue, scrape_targets: Sequence[ScrapeTarget]
    ) -> None:
        """`scrape_targets` are those of all other tiers."""
        grafanas = [grafana.grafana(settings, catalogue)] if _runs(settings, catalogue) else []
        parts: list[Description]
        if settings.observability.mode == "operator":
            own_targets = [target for part in grafanas for target in part.scrape_targets()]
            parts = [operator.monitors(settings, [*scrape_targets, *own_targets]), *grafanas]
        else:
            watched = [
                alertmanager.alertmanager(settings, catalogue),
                alertmanager.gateway(catalogue),
                *grafanas,
            ]
            own_targets = [target for part in watched for target in part.scrape_targets()]
            parts = [
                prometheus.prometheus(settings, catalogue, [*scrape_targets, *own_targets]),
                *watched,
            ]
        login: Login = {"user": "admin", "password": grafana.PASSWORD}
        super().__init__(
            parts,
            endpoints=("grafana", "prometheus", "alertmanager"),
            logins={"grafana": login} if grafanas else {},
        )


def _runs(settings: Settings, catalogue: Catalogue) -> bool:
    """Whether the stack has a Grafana."""
    if settings.observability.grafana and not catalogue.has("grafana"):
        pulumi.log.info(
            f"Grafana does not run: the {settings.images.catalogue} catalogue has no image of it"
        )
    return settings.observability.grafana and catalogue.has("grafana")
