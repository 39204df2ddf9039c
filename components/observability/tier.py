"""The observability tier: the parts that the settings select to monitor the other tiers."""

from collections.abc import Mapping, Sequence

from components import volume_exporter
from components.addresses import Address
from components.catalogue import Catalogue
from components.observability import (
    ALERTMANAGER,
    PROMETHEUS,
    TIER,
    alertmanager,
    grafana,
    links,
    operator,
    prober,
    probes,
    prometheus,
    reading,
)
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
        front_door: Address,
        stack: str,
    ) -> None:
        """`scrape_targets` are those of all other tiers; people enter at `front_door`. `stack` is
        the stack's name."""
        wanted = settings.observability.grafana
        available = catalogue.has("grafana")
        grafanas = [grafana.grafana(settings, catalogue)] if wanted and available else []
        login: Login = {"user": "admin", "password": grafana.PASSWORD}
        super().__init__(
            _parts(
                settings,
                catalogue,
                scrape_targets,
                front_door,
                grafanas,
                links.external_labels(settings, stack),
            ),
            endpoints=("grafana", "prometheus", "alertmanager"),
            notes=[_left_out(settings)] if wanted and not available else [],
            logins={"grafana": login} if grafanas else {},
        )


def _parts(
    settings: Settings,
    catalogue: Catalogue,
    scrape_targets: Sequence[ScrapeTarget],
    front_door: Address,
    grafanas: Sequence[Workload],
    origin: Mapping[str, str],
) -> list[Description]:
    by_operator = settings.observability.mode == "operator"
    every_probe = probes.probes(settings, front_door)
    alertmanagers = [
        alertmanager.alertmanager(settings, catalogue),
        reading.gateway(PROMETHEUS, catalogue),
        reading.gateway(ALERTMANAGER, catalogue, links.runbooks(reading.DIRECTORY)),
    ]
    parts = [
        volume_exporter.beside(part, catalogue)
        for part in (
            *([] if by_operator else alertmanagers),
            *grafanas,
            prober.prober(settings, catalogue, front_door, every_probe),
        )
    ]
    targets = [*scrape_targets, *(target for part in parts for target in part.scrape_targets())]
    if by_operator:
        return [operator.monitors(settings, targets, every_probe, origin), *parts]
    return [prometheus.prometheus(settings, catalogue, targets, every_probe, origin), *parts]


def _left_out(settings: Settings) -> str:
    catalogue = settings.images.catalogue
    return f"Grafana does not run: the {catalogue} catalogue has no image of it"
