"""The scrape configuration."""

from typing import Any

import pytest
import yaml

from tests.queries import MONITORING, RULES
from tests.unit.monitoring.tools import run

FILE = MONITORING / "prometheus" / "prometheus.yml"
PLAIN = yaml.safe_load(FILE.read_text())
JOBS = PLAIN["scrape_configs"]
NAMES = [job["job_name"] for job in JOBS]


def test_promtool_finds_no_fault_in_the_configuration() -> None:
    run("promtool", "check", "config", str(FILE))


def test_the_jobs_are_those_of_the_default_services() -> None:
    assert {job["job_name"]: _target(job) for job in JOBS} == {
        "ai-platform-backend": ("ai-platform-backend-metrics", 8000),
        "ai-platform-decision": ("ai-platform-decision-metrics", 8001),
        "ai-platform-frontend": ("ai-platform-frontend-metrics", 9113),
        "ai-platform-postgres": ("ai-platform-postgres-metrics", 9187),
        "ai-platform-redis": ("ai-platform-redis-metrics", 9121),
        "prometheus": ("ai-platform-prometheus-metrics", 9090),
        "alertmanager": ("ai-platform-alertmanager-metrics", 9093),
        "grafana": ("ai-platform-grafana-metrics", 3000),
    }


@pytest.mark.parametrize("job", JOBS, ids=NAMES)
def test_every_job_has_the_same_keys_so_that_one_can_be_a_copy_of_another(
    job: dict[str, Any],
) -> None:
    assert set(job) - {"scrape_interval"} == {"job_name", "metrics_path", "dns_sd_configs"}
    (discovery,) = job["dns_sd_configs"]
    assert set(discovery) == {"names", "type", "port", "refresh_interval"}
    assert discovery["type"] == "A"


def test_backend_and_front_end_are_scraped_every_10_s_and_the_others_every_15_s() -> None:
    own = {job["job_name"]: job["scrape_interval"] for job in JOBS if "scrape_interval" in job}
    assert own == {"ai-platform-backend": "10s", "ai-platform-frontend": "10s"}
    assert PLAIN["global"] == {"scrape_interval": "15s", "evaluation_interval": "15s"}


def test_every_job_has_a_number_of_replicas_to_be_compared_with() -> None:
    (group,) = yaml.safe_load((RULES / "expected.yml").read_text())["groups"]
    assert [rule["labels"]["job"] for rule in group["rules"]] == NAMES
    assert {rule["record"] for rule in group["rules"]} == {"platform:replicas:expected"}


def _target(job: dict[str, Any]) -> tuple[str, int]:
    (discovery,) = job["dns_sd_configs"]
    (name,) = discovery["names"]
    return name, discovery["port"]
