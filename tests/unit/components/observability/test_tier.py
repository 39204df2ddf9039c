"""The observability tier: which parts run for the settings, and what they monitor."""

from typing import Any

from components.addresses import Address
from components.catalogue import Catalogue
from components.observability.grafana import PASSWORD
from components.observability.tier import ObservabilityTier
from components.operated import Monitors
from components.workload import ScrapeTarget, Workload
from tests.unit.describing import KUBERNETES, settings
from tests.unit.rendering import Rendered

TARGET = ScrapeTarget(
    name="reports",
    job="ai-platform-reports",
    address=Address(workload="reports", port=8100),
    port="http",
    path="/metrics",
    tier="api",
    replicas=2,
)
GATEWAY = Address(workload="gateway", port=8080)
OPERATED = {"mode": "operator", "operator": {"url": "http://prometheus.monitoring:9090"}}


def tier(**values: Any) -> ObservabilityTier:
    loaded = settings(values)
    return ObservabilityTier(loaded, Catalogue(loaded), [TARGET], GATEWAY, "dev")


def operated(**observability: Any) -> ObservabilityTier:
    return tier(**KUBERNETES, observability=OPERATED | observability)


def test_by_default_prometheus_alertmanager_their_gateways_grafana_and_the_prober_run() -> None:
    assert [part.name for part in tier().parts] == [
        "prometheus",
        "alertmanager",
        "prometheus-gateway",
        "alertmanager-gateway",
        "grafana",
        "prober",
    ]


def test_prometheus_reaches_the_targets_of_all_tiers() -> None:
    prometheus, *_ = tier().parts
    assert isinstance(prometheus, Workload)
    assert set(prometheus.reaches) == {
        TARGET.address,
        Address(workload="grafana", port=3000),
        Address(workload="prometheus", port=9090),
        Address(workload="alertmanager", port=9093),
        Address(workload="prober", port=9115),
        *(Address(workload=name, port=9100) for name in ("grafana", "prometheus", "alertmanager")),
    }


def test_with_an_operator_the_tier_has_monitors_grafana_and_the_prober_only() -> None:
    monitors, grafana, prober = operated().parts
    assert isinstance(monitors, Monitors)
    assert (grafana.name, prober.name) == ("grafana", "prober")
    assert monitors.jobs == (TARGET, *grafana.scrape_targets(), *prober.scrape_targets())
    assert monitors.probes


def test_grafana_does_not_run_if_the_settings_say_so() -> None:
    assert "grafana" not in {part.name for part in tier(observability={"grafana": False}).parts}
    assert "grafana" not in {part.name for part in operated(grafana=False).parts}


def test_there_is_a_login_for_grafana_if_it_runs() -> None:
    assert tier().logins == {"grafana": {"user": "admin", "password": PASSWORD}}
    assert tier(observability={"grafana": False}).logins == {}


def test_its_endpoints_do_not_depend_on_what_runs() -> None:
    """The stack's outputs have the same keys, with null for an endpoint that does not exist."""
    endpoints = ("grafana", "prometheus", "alertmanager")
    assert tier().endpoints == operated(grafana=False).endpoints == endpoints


def test_a_catalogue_without_grafana_does_not_run_it_and_logs_that(debian: Rendered) -> None:
    assert "grafana" not in debian.containers()
    assert "grafana" not in debian.outputs["logins"]
    assert debian.outputs["endpoints"]["grafana"] is None
    assert debian.log == ["Grafana does not run: the debian catalogue has no image of it"]


def test_a_catalogue_with_grafana_runs_it_and_logs_nothing(dev: Rendered) -> None:
    assert "grafana" in dev.containers()
    assert dev.log == []
