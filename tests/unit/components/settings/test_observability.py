"""Monitoring's modes, and the settings of each."""

from typing import Any

import pytest

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
        grafana=False,
        retention="30d",
        size="1Gi",
        memory="1Gi",
        receiver="none",
        prometheus_url=URL,
        alertmanager_url=URL,
    )
    assert paths(config, ("observability",)) == [
        "observability.receiver",
        "observability.retention",
        "observability.size",
        "observability.memory",
        "observability.prometheus_url",
        "observability.alertmanager_url",
    ]


def test_prometheus_keeps_no_more_than_its_volume_holds() -> None:
    assert paths({"observability": {"size": "10Gi", "retention_size": "8Gi"}}) == []
    assert paths({"observability": {"size": "10Gi", "retention_size": "9Gi"}}) == [
        "observability.retention_size"
    ]
    assert paths({"observability": {"size": "1Gi"}}) == []
    assert paths(operated(grafana=False, retention_size="1Gi")) == ["observability.retention_size"]


def test_the_clusters_prometheus_needs_a_url_only_where_grafana_runs() -> None:
    without_image = {"images": KUBERNETES["images"] | {"catalogue": "debian"}}
    assert paths(operated() | without_image) == []
    assert paths(operated(grafana=False)) == []
    assert paths(operated()) == ["observability.operator.url"]


def test_in_production_the_runbooks_are_hosted_where_no_alertmanager_serves_them() -> None:
    production = {"production": True}
    assert paths(operated(grafana=False) | production) == ["observability.runbook_base_url"]
    base_url = "https://git.example.com/acme/"
    assert paths(operated(grafana=False, runbook_base_url=base_url) | production) == []


def test_in_production_the_links_of_alerts_that_are_sent_from_a_cluster_open_everywhere() -> None:
    """By default they lead to a port that kubectl forwards."""
    mail = {"to": "a@example.com", "sender": "b@example.com", "smarthost": "mail.example.com:25"}
    receiver = {"receiver": {"mail": mail | {"cidrs": ["192.0.2.0/24"]}}}

    def refused(observed: dict[str, Any], **more: Any) -> list[str]:
        return paths({**KUBERNETES, "production": True, "observability": observed} | more)

    assert refused(receiver) == ["observability.runbook_base_url"]
    assert refused(receiver, production=False) == []
    assert refused(receiver | {"runbook_base_url": "https://git.example.com/acme/"}) == []
    assert refused(receiver | {"alertmanager_url": "https://alerts.example.com"}) == []
    assert refused({"receiver": "none"}) == []


@pytest.mark.parametrize("url", ["http://prometheus:99999", "http://prometheus:0", "http://a:b"])
def test_a_port_that_no_server_has_is_refused(url: str) -> None:
    """Deployment would end with an error about a NetworkPolicy, or about a port alone."""
    assert paths(operated(operator={"url": url})) == ["observability.operator.url"]
    assert paths({"observability": {"prometheus_url": url}}) == ["observability.prometheus_url"]


@pytest.mark.parametrize("key", ["prometheus_url", "alertmanager_url"])
def test_the_url_of_a_link_has_no_slash_at_its_end(key: str) -> None:
    def refused(url: str) -> list[str]:
        return paths({"observability": {key: url}})

    assert refused("https://ops.example.com") == []
    assert refused("https://ops.example.com:8443/ai/prometheus") == []
    for wrong in ("https://ops.example.com/", "ops.example.com", "https://u:p@ops.example.com"):
        assert refused(wrong) == [f"observability.{key}"]
