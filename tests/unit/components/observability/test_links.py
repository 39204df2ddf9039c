"""The links in alerts, and the labels that say where an alert comes from."""

from typing import Any

import pytest

from components.observability import ALERTMANAGER, PROMETHEUS, links
from components.observability.alertmanager import alertmanager
from components.observability.prometheus import prometheus
from tests.unit.describing import KUBERNETES, ROOT, catalogue, settings

OPS = "https://ops.example.com/ai"


def flags(**values: Any) -> list[tuple[str, ...]]:
    loaded = settings(values)
    return [links.flags(loaded, server) for server in (PROMETHEUS, ALERTMANAGER)]


def urls(prometheus: str, alertmanager: str) -> list[tuple[str, ...]]:
    return [
        (f"--web.external-url={url}", "--web.route-prefix=/") for url in (prometheus, alertmanager)
    ]


def test_on_docker_links_lead_to_the_published_ports() -> None:
    assert flags() == urls("http://127.0.0.1:9090", "http://127.0.0.1:9093")
    ports = {"prometheus": 19090, "alertmanager": 19093}
    assert flags(docker={"ports": ports}) == urls(
        "http://127.0.0.1:19090", "http://127.0.0.1:19093"
    )


def test_on_a_cluster_links_lead_to_the_ports_that_the_documents_forward() -> None:
    assert flags(**KUBERNETES) == urls("http://127.0.0.1:9090", "http://127.0.0.1:9093")
    page = (ROOT / "docs" / "kubernetes.md").read_text()
    assert "port-forward service/ai-platform-prometheus-gateway 9090" in page
    assert "port-forward service/ai-platform-alertmanager-gateway 9093" in page


def test_the_settings_may_name_other_urls() -> None:
    chosen = {"prometheus_url": f"{OPS}/prometheus", "alertmanager_url": f"{OPS}/alerts"}
    for target in ({}, dict(KUBERNETES)):
        assert flags(**target, observability=chosen) == urls(f"{OPS}/prometheus", f"{OPS}/alerts")


def test_a_port_that_is_not_published_has_no_link() -> None:
    ports = {"prometheus": None, "alertmanager": None}
    assert flags(docker={"ports": ports}) == [(), ()]


def test_both_servers_make_such_links() -> None:
    loaded = settings()
    for workload, server in (
        (prometheus(loaded, catalogue(), (), (), {}), PROMETHEUS),
        (alertmanager(loaded, catalogue()), ALERTMANAGER),
    ):
        assert set(links.flags(loaded, server)) <= set(workload.command)


@pytest.mark.parametrize(
    ("observability", "base_url"),
    [
        ({}, "http://127.0.0.1:9093/"),
        ({"alertmanager_url": OPS}, f"{OPS}/"),
        ({"runbook_base_url": "https://git.example.com/"}, "https://git.example.com/"),
    ],
)
def test_runbooks_are_where_the_settings_say_or_at_alertmanagers_gateway(
    observability: dict[str, Any], base_url: str
) -> None:
    assert links.runbook_base_url(settings({"observability": observability})) == base_url


def test_an_operators_alertmanager_serves_no_runbooks() -> None:
    operated = {**KUBERNETES, "observability": {"mode": "operator", "grafana": False}}
    assert links.runbook_base_url(settings(operated)) == ""


@pytest.mark.parametrize(
    ("values", "cluster"),
    [
        ({}, "docker"),
        (dict(KUBERNETES), "mine"),
        ({**KUBERNETES, "kubernetes": {"context": "acme-eu"}}, "acme-eu"),
    ],
)
def test_alerts_say_which_stack_and_cluster_they_come_from(
    values: dict[str, Any], cluster: str
) -> None:
    """The cluster is the stack's context, or the stack itself if it uses any context."""
    labels = links.external_labels(settings(values), "mine")
    assert labels == {"stack": "mine", "cluster": cluster}
