"""Prometheus' configuration in the default stack."""

from pathlib import Path

import pytest
import yaml

from tests.unit.monitoring.tools import run
from tests.unit.rendering import Rendered


@pytest.fixture
def configuration(dev: Rendered, tmp_path: Path) -> Path:
    uploads = dev.containers()["prometheus"]["uploads"]
    files = {upload["file"]: upload["content"] for upload in uploads}
    path = tmp_path / "prometheus.yml"
    path.write_text(files["/etc/prometheus/prometheus.yml"])
    return path


def test_promtool_accepts_the_configuration(configuration: Path) -> None:
    run("promtool", "check", "config", str(configuration))


def test_there_is_a_job_for_each_default_service(configuration: Path) -> None:
    jobs = yaml.safe_load(configuration.read_text())["scrape_configs"]
    assert {
        job["job_name"]: (
            *job["dns_sd_configs"][0]["names"],
            job["dns_sd_configs"][0]["port"],
            job.get("scrape_interval"),
        )
        for job in jobs
    } == {
        "ai-platform-backend": ("ai-platform-backend-metrics", 8000, "10s"),
        "ai-platform-decision": ("ai-platform-decision-metrics", 8001, "10s"),
        "ai-platform-frontend": ("ai-platform-frontend-metrics", 9113, "10s"),
        "ai-platform-postgres": ("ai-platform-postgres-metrics", 9187, None),
        "ai-platform-redis": ("ai-platform-redis-metrics", 9121, None),
        "prometheus": ("ai-platform-prometheus-metrics", 9090, None),
        "alertmanager": ("ai-platform-alertmanager-metrics", 9093, None),
        "grafana": ("ai-platform-grafana-metrics", 3000, None),
    }


def test_the_default_intervals_are_15_s(configuration: Path) -> None:
    usual = yaml.safe_load(configuration.read_text())["global"]
    assert usual == {"scrape_interval": "15s", "evaluation_interval": "15s"}
