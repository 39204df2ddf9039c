"""Prometheus' configuration: the file in monitoring/, and the scrape job of each target."""

from dataclasses import replace
from typing import Any

import yaml

from components.addresses import Address
from components.observability import scrape_jobs
from components.probe import Probe
from components.workload import ScrapeTarget
from tests.unit.describing import ROOT
from tests.unit.rendering import Rendered

PLAIN = ROOT / "monitoring" / "prometheus" / "prometheus.yml"
TARGET = ScrapeTarget(
    name="reports",
    job="ai-platform-reports",
    address=Address(workload="reports", port=8100),
    port="http",
    path="/internal",
    tier="api",
    replicas=2,
)
PROBE = Probe(
    prober=Address(workload="prober", port=9115),
    port="http",
    module="gateway-well",
    url="http://ai-platform-gateway:8080/",
    host="ai.example.com",
    labels={"instance": "ai.example.com/"},
)


def jobs(rendered: Rendered) -> dict[str, dict[str, Any]]:
    """The scrape jobs of a Docker stack, by name."""
    uploads = rendered.containers()["prometheus"]["uploads"]
    contents = {upload["file"]: upload["content"] for upload in uploads}
    configuration = yaml.safe_load(contents["/etc/prometheus/prometheus.yml"])
    return {job["job_name"]: job for job in configuration["scrape_configs"]}


def test_a_job_discovers_replicas_by_a_dns_name_with_one_address_for_each() -> None:
    """Discovery therefore needs no permissions on a cluster."""
    assert scrape_jobs.job(TARGET) == {
        "job_name": "ai-platform-reports",
        "metrics_path": "/internal",
        "dns_sd_configs": [
            {
                "names": ["ai-platform-reports-metrics"],
                "type": "A",
                "port": 8100,
                "refresh_interval": "10s",
            }
        ],
    }


def test_a_target_with_its_own_interval_is_scraped_at_that_interval() -> None:
    target = replace(TARGET, interval="10s")
    assert scrape_jobs.job(target) == scrape_jobs.job(TARGET) | {"scrape_interval": "10s"}


def test_a_job_is_named_after_its_target_and_not_after_the_exporter() -> None:
    """An exporter's target has the name of the exported workload; jobs of monitoring have no
    prefix."""
    exporter = Address(workload="grafana-exporter", port=9000)
    job = scrape_jobs.job(replace(TARGET, name="grafana", job="grafana", address=exporter))
    assert job["job_name"] == "grafana"
    assert job["dns_sd_configs"][0]["names"] == ["ai-platform-grafana-metrics"]
    assert job["dns_sd_configs"][0]["port"] == 9000


def test_the_configuration_is_the_file_with_the_job_of_each_target() -> None:
    plain = yaml.safe_load(PLAIN.read_text())
    assert "scrape_configs" not in plain
    labels = {"stack": "dev", "cluster": "docker"}
    configuration = yaml.safe_load(scrape_jobs.configuration([TARGET], [PROBE], labels).fill({}))
    assert configuration["global"].pop("external_labels") == labels
    jobs = [scrape_jobs.job(TARGET), scrape_jobs.probe_job([PROBE])]
    assert configuration == plain | {"scrape_configs": jobs}


def test_the_prober_is_scraped_once_for_each_probe_with_its_parameters() -> None:
    """Labels that begin with two underscores are gone after the scrape."""
    assert scrape_jobs.probe_job([PROBE]) == {
        "job_name": "ai-platform-probes",
        "scrape_interval": "10s",
        "metrics_path": "/probe",
        "static_configs": [
            {
                "targets": ["ai-platform-prober:9115"],
                "labels": {
                    "instance": "ai.example.com/",
                    "__param_module": "gateway-well",
                    "__param_target": "http://ai-platform-gateway:8080/",
                    "__param_hostname": "ai.example.com",
                },
            }
        ],
    }


def test_an_api_service_is_scraped_under_its_name_every_10_s(own: Rendered) -> None:
    job = jobs(own)["ai-platform-reports"]
    assert job["scrape_interval"] == "10s"


def test_what_serves_requests_is_scraped_more_often_than_usual_and_volumes_less(
    dev: Rendered,
) -> None:
    intervals = {name: job.get("scrape_interval") for name, job in jobs(dev).items()}
    assert {interval for name, interval in intervals.items() if name.endswith("-volumes")} == {
        "30s"
    }
    assert {name for name, interval in intervals.items() if interval == "10s"} == {
        "ai-platform-probes",
        "ai-platform-backend",
        "ai-platform-decision",
        "ai-platform-frontend",
        "ai-platform-gateway",
    }


def test_a_stack_without_grafana_has_no_job_for_it(dev: Rendered, debian: Rendered) -> None:
    assert set(jobs(dev)) - set(jobs(debian)) == {"grafana", "grafana-volumes"}
