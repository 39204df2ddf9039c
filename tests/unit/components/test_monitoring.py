"""The plain files in monitoring/, fitted to what a stack runs."""

from typing import Any

import pytest
import yaml

from components import monitoring
from components.settings.models import Receiver
from components.text import Text
from components.workload import (
    Address,
    Container,
    Identity,
    Image,
    Port,
    Replicas,
    Resources,
    Workload,
)
from tests.unit.describing import ROOT
from tests.unit.rendering import Rendered

ITSELF = Address(workload="prometheus", port=9090)
IMAGE = Image(reference="acme/app:1", identity=Identity(uid=1, gid=1))
SMALL = Resources(memory=64, cpu=0.1)
SOURCE = ROOT / "monitoring"
PLAIN = yaml.safe_load((SOURCE / "prometheus" / "prometheus.yml").read_text())
HOSTILE = "https://u:p@alerts.example.com/a?b=c&d=%20#e: {f} '\"\\ ${g} é\t\n- x"


def workload(name: str, *ports: Port, **given: Any) -> Workload:
    return Workload(name=name, tier="api", image=IMAGE, resources=SMALL, ports=ports, **given)


def scraped(number: int = 8000, path: str | None = "/metrics") -> Port:
    return Port(name="http", number=number, metrics=path)


def files(*workloads: Workload, base_url: str = "") -> dict[str, str]:
    found = monitoring.prometheus_files(workloads, ITSELF, base_url)
    return {file.path: file.content.fill({}) for file in found}


def jobs(*workloads: Workload) -> dict[str, dict[str, Any]]:
    found = yaml.safe_load(files(*workloads)["/etc/prometheus/prometheus.yml"])
    return {job["job_name"]: job for job in found["scrape_configs"]}


def plain_job(name: str) -> dict[str, Any]:
    job: dict[str, Any] = next(job for job in PLAIN["scrape_configs"] if job["job_name"] == name)
    return job


def test_prometheus_always_scrapes_itself() -> None:
    assert jobs() == {"prometheus": plain_job("prometheus")}


def test_a_default_service_keeps_its_job_as_it_stands_in_the_plain_file() -> None:
    assert jobs(workload("backend", scraped()))["ai-platform-backend"] == plain_job(
        "ai-platform-backend"
    )


def test_a_service_on_another_port_and_path_is_scraped_there() -> None:
    job = jobs(workload("backend", scraped(9000, "/internal")))["ai-platform-backend"]
    assert job["metrics_path"] == "/internal"
    assert job["dns_sd_configs"][0]["port"] == 9000


def test_a_further_service_gets_a_copy_of_the_backends_job() -> None:
    job = jobs(workload("reports", scraped(8100)))["ai-platform-reports"]
    pattern = plain_job("ai-platform-backend")
    discovery = pattern["dns_sd_configs"][0]
    assert job == pattern | {
        "job_name": "ai-platform-reports",
        "dns_sd_configs": [discovery | {"names": ["ai-platform-reports-metrics"], "port": 8100}],
    }


def test_what_has_no_metrics_gets_no_job() -> None:
    assert set(jobs(workload("reports", scraped(path=None)))) == {"prometheus"}


def test_an_exporter_is_scraped_under_the_name_of_what_it_exports() -> None:
    exporter = workload("postgres-exporter", scraped(9187), metrics_of="postgres")
    assert jobs(exporter)["ai-platform-postgres"] == plain_job("ai-platform-postgres")


def test_a_sidecars_metrics_are_those_of_its_workload() -> None:
    beside = Container(name="x", image=IMAGE, resources=SMALL, ports=(scraped(9113),))
    frontend = workload("frontend", scraped(path=None), sidecars=(beside,))
    assert jobs(frontend)["ai-platform-frontend"] == plain_job("ai-platform-frontend")


def test_all_else_of_the_plain_file_stays() -> None:
    found = yaml.safe_load(files()["/etc/prometheus/prometheus.yml"])
    del found["scrape_configs"]
    assert found == {key: value for key, value in PLAIN.items() if key != "scrape_configs"}


def test_every_rule_file_but_the_expected_replicas_is_handed_over_as_it_is() -> None:
    found = files()
    for path in (SOURCE / "prometheus" / "rules").glob("*.yml"):
        given = found[f"/etc/prometheus/rules/{path.name}"]
        if path.name != "expected.yml":
            assert given == path.read_text()


def expected(*workloads: Workload) -> dict[str, tuple[str, str]]:
    """Tier and expression by job, of what the rules say should run."""
    found = yaml.safe_load(files(*workloads)["/etc/prometheus/rules/expected.yml"])
    (group,) = found["groups"]
    assert {rule["record"] for rule in group["rules"]} == {"platform:replicas:expected"}
    return {
        rule["labels"]["job"]: (rule["labels"]["tier"], rule["expr"]) for rule in group["rules"]
    }


def test_what_should_run_is_what_is_scraped() -> None:
    """A job too many is an alert that never ends; one too few an outage that nobody hears of."""
    several = (workload("backend", scraped()), workload("reports", scraped(8100)))
    assert set(expected(*several)) == set(jobs(*several))


def test_what_should_run_counts_the_replicas_that_run() -> None:
    reports = workload("reports", scraped(), replicas=Replicas(min=2, max=4))
    assert expected(reports)["ai-platform-reports"] == ("api", "vector(2)")


def runbooks(text: str) -> list[str]:
    groups = yaml.safe_load(text)["groups"]
    return [
        rule["annotations"]["runbook_url"]
        for group in groups
        for rule in group["rules"]
        if "alert" in rule
    ]


def test_a_base_url_stands_before_every_runbook() -> None:
    base = "https://example.com/platform/"
    for path, text in files(base_url=base).items():
        if "/rules/" in path:
            assert all(url.startswith(f"{base}docs/runbooks/") for url in runbooks(text))


def test_without_a_base_url_every_runbook_is_a_page_of_this_repository() -> None:
    urls = [url for path, text in files().items() if "/rules/" in path for url in runbooks(text)]
    assert urls
    assert [url for url in urls if not (ROOT / url).is_file()] == []


def test_grafana_gets_every_plain_file_at_its_place() -> None:
    found = {
        file.path: file.content
        for file in monitoring.grafana_files("http://ai-platform-prometheus:9090")
    }
    source = SOURCE / "grafana"
    assert found == {
        f"/etc/grafana/{path.relative_to(source)}": Text(template=path.read_text())
        for path in source.rglob("*")
        if path.is_file()
    }
    assert [path for path in found if path.startswith("/etc/grafana/dashboards/")]


def receivers(**given: Any) -> dict[str, Any]:
    """Alertmanager's receivers by name, with the secrets of the settings filled in."""
    text = monitoring.alertmanager_configuration(Receiver.model_validate(given))
    values = {secret.name: str(secret.given) for secret in text.secrets}
    assert not [value for value in values.values() if value in text.template]
    found = yaml.safe_load(text.fill(values))
    return {receiver["name"]: receiver for receiver in found["receivers"]}


def test_without_a_receiver_alerts_wait_in_alertmanager() -> None:
    assert receivers()["default"] == {"name": "default"}


@pytest.mark.parametrize("url", ["https://alerts.example.com/x", HOSTILE])
def test_a_webhook_gets_exactly_its_url_whatever_stands_in_it(url: str) -> None:
    found = receivers(webhook={"url": url})
    assert found["default"]["webhook_configs"] == [{"url": url, "send_resolved": True}]
    assert "webhook_configs" not in found["watchdog"]


@pytest.mark.parametrize("password", ["plain", HOSTILE])
def test_mail_gets_exactly_its_password_whatever_stands_in_it(password: str) -> None:
    mail = {"to": "a@example.com", "sender": "b@example.com", "smarthost": "mail.example.com:25"}
    found = receivers(mail=mail | {"user": "u", "password": password})
    assert found["default"]["email_configs"] == [
        {
            "to": "a@example.com",
            "from": "b@example.com",
            "smarthost": "mail.example.com:25",
            "send_resolved": True,
            "auth_username": "u",
            "auth_password": password,
        }
    ]


@pytest.mark.parametrize("to", ["a: b", "- a", "a # b", "{a}"])
def test_mail_gets_exactly_its_addresses(to: str) -> None:
    mail = {"to": to, "sender": "b@example.com", "smarthost": "mail.example.com:25"}
    found = receivers(mail=mail | {"user": "u", "password": "pw"})
    assert found["default"]["email_configs"][0]["to"] == to


def test_mail_without_a_login_has_none() -> None:
    mail = {"to": "a@example.com", "sender": "b@example.com", "smarthost": "mail.example.com:25"}
    (integration,) = receivers(mail=mail)["default"]["email_configs"]
    assert not [key for key in integration if key.startswith("auth")]


def rendered_jobs(rendered: Rendered) -> dict[str, dict[str, Any]]:
    uploads = rendered.containers()["prometheus"]["uploads"]
    text = next(u["content"] for u in uploads if u["file"] == "/etc/prometheus/prometheus.yml")
    return {job["job_name"]: job for job in yaml.safe_load(text)["scrape_configs"]}


def test_the_default_stack_has_every_job_of_the_plain_file_as_it_stands_there(
    dev: Rendered,
) -> None:
    assert rendered_jobs(dev) == {job["job_name"]: job for job in PLAIN["scrape_configs"]}


def test_a_stack_without_grafana_drops_its_job(dev: Rendered, debian: Rendered) -> None:
    assert set(rendered_jobs(dev)) - set(rendered_jobs(debian)) == {"grafana"}
