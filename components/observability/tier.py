"""The observability tier: the parts that the settings select to monitor the other tiers."""

from collections.abc import Sequence

from components.catalogue import Catalogue
from components.observability import TIER, alertmanager, grafana, operator, prometheus
from components.settings import Settings
from components.tier import Description, Login, Tier
from components.workload import ScrapeTarget, Workload


class ObservabilityTier(Tier):
    name = TIER

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,
        scrape_targets: Sequence[ScrapeTarget],
        stack: str,
    ) -> None:
        """`scrape_targets` are those of all other tiers, and `stack` is the stack's name."""
        chosen = settings.observability.grafana
        available = catalogue.has("grafana")
        grafanas = [grafana.grafana(settings, catalogue)] if chosen and available else []
        login: Login = {"user": "admin", "password": grafana.PASSWORD}
        super().__init__(
            _parts(settings, catalogue, scrape_targets, grafanas, stack),
            endpoints=("grafana", "prometheus", "alertmanager"),
            notes=[_left_out(settings)] if chosen and not available else [],
            logins={"grafana": login} if grafanas else {},
        )


def _parts(
    settings: Settings,
    catalogue: Catalogue,
    scrape_targets: Sequence[ScrapeTarget],
    grafanas: Sequence[Workload],
    stack: str,
) -> list[Description]:
    if settings.observability.mode == "operator":
        own = _scrape_targets(grafanas)
        return [operator.monitors(settings, [*scrape_targets, *own]), *grafanas]
    watched = [
        alertmanager.alertmanager(settings, catalogue),
        alertmanager.gateway(catalogue),
        *grafanas,
    ]
    own = _scrape_targets(watched)
    targets = [*scrape_targets, *own]
    return [prometheus.prometheus(settings, catalogue, targets, stack), *watched]


def _scrape_targets(workloads: Sequence[Workload]) -> list[ScrapeTarget]:
    return [target for workload in workloads for target in workload.scrape_targets()]


def _left_out(settings: Settings) -> str:
    catalogue = settings.images.catalogue
    return f"Grafana does not run: the {catalogue} catalogue has no image of it"
