"""The rules of Prometheus: the files in monitoring/, and the expected replicas."""

from dataclasses import replace
from typing import Any

import pytest
import yaml

from components.addresses import Address
from components.container import Identity, Image, Port, Resources
from components.observability import rules
from components.probe import PROBES
from components.workload import Replicas, ScrapeTarget, Workload
from tests.unit.describing import ROOT
from tests.unit.rendering import Rendered

PLAIN = ROOT / "monitoring" / "prometheus" / "rules"


def target(name: str, replicas: int = 1) -> ScrapeTarget:
    return ScrapeTarget(
        name=name,
        job=f"ai-platform-{name}",
        address=Address(workload=name, port=8000),
        port="http",
        path="/metrics",
        tier="api",
        replicas=replicas,
    )


def contents(*targets: ScrapeTarget, base_url: str = "") -> dict[str, str]:
    return {name: text.fill({}) for name, text in rules.files(targets, base_url).items()}


def expected(content: str) -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(content)["groups"]
    records: list[dict[str, Any]] = group["rules"]
    return records


def runbooks(content: str) -> list[str]:
    return [
        rule["annotations"]["runbook_url"]
        for group in yaml.safe_load(content)["groups"]
        for rule in group["rules"]
        if "alert" in rule
    ]


def test_prometheus_gets_every_rule_file_unchanged_and_the_expected_replicas() -> None:
    plain = {path.name: path.read_text() for path in PLAIN.glob("*.yml")}
    assert plain
    assert rules.EXPECTED not in plain
    files = contents(target("backend"))
    assert files == plain | {rules.EXPECTED: files[rules.EXPECTED]}


def test_expected_replicas_are_one_series_for_each_job_with_its_tier() -> None:
    """If all replicas have stopped, Prometheus discovers no address; these series remain."""
    files = contents(target("backend"), target("reports", replicas=2))
    assert expected(files[rules.EXPECTED]) == [
        {
            "record": "platform:replicas:expected",
            "expr": f"vector({replicas})",
            "labels": {"job": job, "tier": "api"},
        }
        for job, replicas in (("ai-platform-backend", 1), ("ai-platform-reports", 2))
    ]


def test_expected_replicas_are_the_smallest_number() -> None:
    reports = Workload(
        name="reports",
        tier="api",
        image=Image(reference="acme/app:1", identity=Identity(uid=1, gid=1)),
        resources=Resources(memory=64, cpu=0.1),
        ports=(Port(name="http", number=8000, metrics="/metrics"),),
        replicas=Replicas(min=2, max=4),
    )
    (record,) = expected(contents(*reports.scrape_targets())[rules.EXPECTED])
    assert record["expr"] == "vector(2)"


def test_the_gap_of_a_schedule_that_a_job_does_not_export_is_a_series() -> None:
    instances = replace(target("instances"), schedules={"backup": 86400})
    _, record = expected(contents(instances)[rules.EXPECTED])
    assert record == {
        "record": "platform_backup_expected_interval_seconds",
        "expr": "vector(86400)",
        "labels": {"job": "ai-platform-instances", "what": "backup"},
    }


@pytest.mark.parametrize("stack", ["dev", "debian", "own"])
def test_expected_replicas_exist_for_exactly_the_scrape_jobs(
    stack: str, request: pytest.FixtureRequest
) -> None:
    """With an extra job an alert never ends; with a missing job an outage goes unnoticed."""
    rendered: Rendered = request.getfixturevalue(stack)
    uploads = rendered.containers()["prometheus"]["uploads"]
    files = {upload["file"]: upload["content"] for upload in uploads}
    jobs = yaml.safe_load(files["/etc/prometheus/prometheus.yml"])["scrape_configs"]
    records = expected(files[f"/etc/prometheus/rules/{rules.EXPECTED}"])
    names = [job["job_name"] for job in jobs]
    # Probes have no replicas: each is the only one, and a failed one has an alert of its own.
    assert [*(record["labels"]["job"] for record in records), PROBES] == names


def test_every_runbook_link_starts_with_the_base_url() -> None:
    base_url = "https://example.com/platform/"
    files = contents(base_url=base_url)
    assert {name: runbooks(content) for name, content in files.items()} == {
        name: [f"{base_url}{page}" for page in runbooks(content)]
        for name, content in contents().items()
    }


def test_without_a_base_url_runbook_links_are_paths_in_this_repository() -> None:
    pages = [page for content in contents().values() for page in runbooks(content)]
    assert pages
    assert [page for page in pages if not page.startswith("docs/runbooks/")] == []
    assert [page for page in pages if not (ROOT / page).is_file()] == []
