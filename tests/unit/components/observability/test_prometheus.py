"""Prometheus, run by the platform."""

from typing import Any

from components.addresses import Address
from components.container import Health, Http
from components.observability import ALERTMANAGER, PROMETHEUS, alertmanager, rules, scrape_jobs
from components.observability.prometheus import prometheus
from components.probe import Probe
from components.workload import ScrapeTarget, Workload
from tests.unit.describing import catalogue, settings

EXPORTER = ScrapeTarget(
    name="postgres",
    job="ai-platform-postgres",
    address=Address(workload="postgres-exporter", port=9187),
    port="metrics",
    path="/metrics",
    tier="data",
    replicas=1,
)
ITSELF = ScrapeTarget(
    name="prometheus",
    job="prometheus",
    address=PROMETHEUS,
    port="http",
    path="/metrics",
    tier="observability",
    replicas=1,
)
VOLUMES = ScrapeTarget(
    name="prometheus-volumes",
    job="prometheus-volumes",
    address=Address(workload="prometheus", port=9100),
    port="volumes",
    path="/metrics",
    tier="sidecars",
    replicas=1,
    interval="30s",
)
PROBE = Probe(
    prober=Address(workload="prober", port=9115),
    port="http",
    module="gateway-well",
    url="http://ai-platform-gateway:8080/",
    labels={"instance": "/"},
)
LABELS = {"stack": "dev", "cluster": "docker"}


def prometheus_workload(*targets: ScrapeTarget, **observability: Any) -> Workload:
    return prometheus(
        settings({"observability": observability}), catalogue(), targets, [PROBE], LABELS
    )


def test_it_reaches_every_target_itself_and_alertmanager_and_waits_for_nothing() -> None:
    workload = prometheus_workload(EXPORTER)
    assert workload.reaches == (PROMETHEUS, VOLUMES.address, EXPORTER.address, ALERTMANAGER)
    assert workload.starts_after == ()


def test_it_lists_alertmanager_once_which_has_metrics_too() -> None:
    targets = alertmanager.alertmanager(settings(), catalogue()).scrape_targets()
    assert prometheus_workload(*targets).reaches == (PROMETHEUS, VOLUMES.address, ALERTMANAGER)


def test_it_scrapes_and_expects_itself_and_every_target() -> None:
    workload = prometheus_workload(EXPORTER)
    targets = [ITSELF, VOLUMES, EXPORTER]
    assert list(workload.scrape_targets()) == targets[:2]
    assert {file.path: file.content for file in workload.files} == {
        "/etc/prometheus/prometheus.yml": scrape_jobs.configuration(targets, [PROBE], LABELS),
        **{
            f"/etc/prometheus/rules/{name}": content
            for name, content in rules.files(targets, "http://127.0.0.1:9093/").items()
        },
    }


def test_runbook_links_start_with_the_base_url_of_the_settings() -> None:
    base_url = "https://example.com/platform/"
    files = {
        file.path: file.content for file in prometheus_workload(runbook_base_url=base_url).files
    }
    assert files["/etc/prometheus/rules/api.yml"] == rules.files([ITSELF], base_url)["api.yml"]


def test_it_has_no_administrative_interface() -> None:
    assert not [flag for flag in prometheus_workload().command if flag.startswith("--web.enable")]


def test_it_keeps_metrics_as_long_as_the_settings_say() -> None:
    assert "--storage.tsdb.retention.time=200h" in prometheus_workload().command
    assert "--storage.tsdb.retention.time=30d" in prometheus_workload(retention="30d").command


def test_it_removes_the_oldest_metrics_before_its_volume_is_full() -> None:
    """Compaction writes a new block before it removes the old ones, so the rest is for that."""
    assert "--storage.tsdb.retention.size=8192MB" in prometheus_workload().command
    assert "--storage.tsdb.retention.size=819MB" in prometheus_workload(size="1Gi").command
    given = prometheus_workload(size="50Gi", retention_size="35Gi")
    assert "--storage.tsdb.retention.size=35840MB" in given.command


def test_it_stores_its_data_on_its_kept_volume() -> None:
    (volume,) = prometheus_workload(size="50Gi").volumes
    assert volume.keep
    assert volume.size == "50Gi"
    assert f"--storage.tsdb.path={volume.path}" in prometheus_workload().command


def test_its_health_checks_use_its_own_endpoints() -> None:
    workload = prometheus_workload()
    assert workload.ready == Health(ask=Http(path="/-/ready", port=9090), start_budget=120)
    assert workload.alive == Health(ask=Http(path="/-/healthy", port=9090), period=10)
