"""Monitoring's modes, and the settings of each."""

from typing import Any

from tests.unit.components.settings.refusals import paths
from tests.unit.describing import KUBERNETES

URL = "http://prometheus-operated.monitoring:9090"


def operated(**config: Any) -> dict[str, Any]:
    """A stack whose Prometheus is run by the Prometheus Operator."""
    return {**KUBERNETES, "observability": {"mode": "operator"} | config}


def test_only_kubernetes_has_an_operator_for_prometheus() -> None:
    assert paths(operated(grafana=False)) == []
    docker = {"observability": {"mode": "operator", "grafana": False}}
    assert paths(docker) == ["observability.mode"]


def test_the_settings_of_an_operators_prometheus_need_that_mode() -> None:
    config = {**KUBERNETES, "observability": {"operator": {"url": URL}}}
    assert paths(config) == ["observability.mode"]


def test_grafana_needs_the_url_of_the_clusters_prometheus() -> None:
    assert paths(operated()) == ["observability.operator.url"]
    assert paths(operated(operator={"url": URL})) == []
    assert "observability.operator.url" in paths(operated(operator={"url": f"{URL}/x"}))


def test_settings_of_our_own_prometheus_are_rejected_in_operator_mode() -> None:
    """The cluster's Alertmanager has its own receivers."""
    config = operated(
        grafana=False, retention="30d", size="1Gi", memory="1Gi", receiver={"webhook": {"url": URL}}
    )
    assert paths(config, ("observability",)) == [
        "observability.receiver",
        "observability.retention",
        "observability.size",
        "observability.memory",
    ]


def test_prometheus_keeps_no_more_than_its_volume_holds() -> None:
    assert paths({"observability": {"size": "10Gi", "retention_size": "10Gi"}}) == []
    assert paths({"observability": {"size": "10Gi", "retention_size": "11Gi"}}) == [
        "observability.retention_size"
    ]
    assert paths({"observability": {"size": "1Gi"}}) == []
    assert paths(operated(grafana=False, retention_size="1Gi")) == ["observability.retention_size"]
