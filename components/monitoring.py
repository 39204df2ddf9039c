"""The plain files in monitoring/, fitted to what the stack really runs."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from components.operated import ScrapeJob
from components.settings import revealed, url_port
from components.settings.models import Mail, Receiver, Webhook
from components.text import Secret, Text
from components.workload import PROJECT, Address, File, Scraped, Watched, metrics_name

MONITORING = Path(__file__).parent.parent / "monitoring"
# The scrape job that a further API service's is a copy of.
PATTERN_JOB = f"{PROJECT}-backend"
# Where the plain datasource finds Prometheus.
DATASOURCE = Address(workload="prometheus", port=9090).url()


def prometheus_files(
    scraped: Sequence[Scraped], itself: Address, runbook_base_url: str
) -> tuple[File, ...]:
    """Prometheus' configuration and rules."""
    first = Watched(
        name=itself.workload,
        address=itself,
        port="http",
        path="/metrics",
        tier="observability",
        expected=1,
    )
    plain = _plain()
    jobs = _jobs(plain["scrape_configs"], [first, *_watched(scraped)])
    plain["scrape_configs"] = [job for _, job in jobs]
    return (
        File(path="/etc/prometheus/prometheus.yml", content=_yaml(plain)),
        *(
            File(path=f"/etc/prometheus/rules/{name}", content=content)
            for name, content in _rules(jobs, runbook_base_url).items()
        ),
    )


def others_prometheus(
    scraped: Sequence[Scraped], runbook_base_url: str
) -> tuple[tuple[ScrapeJob, ...], Mapping[str, Text]]:
    """The same jobs and rules, for a Prometheus that is not ours and so scrapes itself or not."""
    plain = _plain()
    usual = plain["global"]["scrape_interval"]
    jobs = _jobs(plain["scrape_configs"], _watched(scraped))
    return tuple(
        ScrapeJob(name=job["job_name"], watched=each, interval=job.get("scrape_interval", usual))
        for each, job in jobs
    ), _rules(jobs, runbook_base_url)


def plain(name: str) -> Text:
    """A file of monitoring/ as it is."""
    return Text(template=(MONITORING / name).read_text())


def grafana_files(prometheus: str) -> Iterator[File]:
    """Grafana's datasource at this URL, dashboard provider and dashboards."""
    source = MONITORING / "grafana"
    for path in sorted(source.rglob("*")):
        if path.is_file():
            text = path.read_text()
            if path.parent.name == "datasources":
                text = text.replace(DATASOURCE, prometheus)
            inside = path.relative_to(source)
            yield File(path=f"/etc/grafana/{inside}", content=Text(template=text))


def alertmanager_configuration(receiver: Receiver) -> Text:
    """Alertmanager's configuration with the receiver of the settings as `default`."""
    plain = yaml.safe_load((MONITORING / "alertmanager" / "alertmanager.yml").read_text())
    default = next(each for each in plain["receivers"] if each["name"] == "default")
    secrets: list[Secret] = []
    if receiver.webhook:
        url = Secret(name="alert-webhook-url", given=revealed(receiver.webhook.url))
        default["webhook_configs"] = [{"url": f"${{{url.name}:json}}", "send_resolved": True}]
        secrets.append(url)
    if receiver.mail:
        default["email_configs"] = [_mail(receiver.mail, secrets)]
    return Text(template=yaml.safe_dump(plain, sort_keys=False), secrets=tuple(secrets))


def webhook_ports(webhook: Webhook) -> tuple[int, ...]:
    return (webhook.port or url_port(revealed(webhook.url) or "https:"),)


def _mail(mail: Mail, secrets: list[Secret]) -> dict[str, Any]:
    integration: dict[str, Any] = {
        "to": mail.to,
        "from": mail.sender,
        "smarthost": mail.smarthost,
        "send_resolved": True,
    }
    if mail.user:
        integration["auth_username"] = mail.user
        password = Secret(name="alert-mail-password", given=revealed(mail.password))
        integration["auth_password"] = f"${{{password.name}:json}}"
        secrets.append(password)
    return integration


def _plain() -> dict[str, Any]:
    """The plain configuration of Prometheus."""
    found: dict[str, Any] = yaml.safe_load(
        (MONITORING / "prometheus" / "prometheus.yml").read_text()
    )
    return found


def _rules(
    jobs: Sequence[tuple[Watched, Mapping[str, Any]]], runbook_base_url: str
) -> dict[str, Text]:
    """Every file of rules by its name, with what should run."""
    found = {
        path.name: Text(template=_with_runbooks(path.read_text(), runbook_base_url))
        for path in sorted((MONITORING / "prometheus" / "rules").glob("*.yml"))
    }
    return found | {"expected.yml": _expected([(each, job["job_name"]) for each, job in jobs])}


def _watched(scraped: Sequence[Scraped]) -> list[Watched]:
    """What to scrape, each by the name of whose figures they are."""
    return list({each.name: each for part in scraped for each in part.watched()}.values())


def _jobs(
    plain: Sequence[Mapping[str, Any]], watched: Sequence[Watched]
) -> list[tuple[Watched, dict[str, Any]]]:
    """For each: the plain file's job, or a copy of the backend's where that has none."""
    by_name = {job["dns_sd_configs"][0]["names"][0]: job for job in plain}
    jobs = []
    for each in watched:
        name = metrics_name(each.name)
        job = deepcopy(dict(by_name.get(name, {})))
        if not job:
            pattern = next(job for job in plain if job["job_name"] == PATTERN_JOB)
            job = deepcopy(dict(pattern)) | {"job_name": f"{PROJECT}-{each.name}"}
        discovery = job["dns_sd_configs"][0]
        fitted = {
            "metrics_path": each.path,
            "dns_sd_configs": [discovery | {"names": [name], "port": each.address.port}],
        }
        jobs.append((each, job | fitted))
    return jobs


def _expected(jobs: Sequence[tuple[Watched, str]]) -> Text:
    """What should run, for alerts on what has vanished: the least number of each job."""
    rules = [
        {
            "record": "platform:replicas:expected",
            "expr": f"vector({each.expected})",
            "labels": {"job": job, "tier": each.tier},
        }
        for each, job in jobs
    ]
    return _yaml({"groups": [{"name": "expected", "rules": rules}]})


def _with_runbooks(rules: str, base_url: str) -> str:
    return rules.replace("runbook_url: docs/", f"runbook_url: {base_url}docs/")


def _yaml(value: Any) -> Text:
    return Text(template=yaml.safe_dump(value, sort_keys=False))
