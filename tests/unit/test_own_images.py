"""A user's own images, and an additional service in a few lines of a stack file."""

import re

import yaml

from tests.unit.describing import ROOT
from tests.unit.rendering import Rendered


def prometheus_file(rendered: Rendered, path: str) -> str:
    uploads = rendered.containers()["prometheus"]["uploads"]
    return next(str(upload["content"]) for upload in uploads if upload["file"] == path)


def networks(rendered: Rendered, name: str) -> set[str]:
    connections = rendered.containers()[name]["networksAdvanced"]
    return {network["name"].removeprefix("ai-platform-dev-") for network in connections}


def test_it_is_scraped(own: Rendered) -> None:
    configuration = yaml.safe_load(prometheus_file(own, "/etc/prometheus/prometheus.yml"))
    jobs = {job["job_name"]: job for job in configuration["scrape_configs"]}
    (discovery,) = jobs["ai-platform-reports"]["dns_sd_configs"]
    assert discovery["names"] == ["ai-platform-reports-metrics"]
    assert discovery["port"] == 8100


def test_prometheus_reaches_it_under_that_name(own: Rendered) -> None:
    connections = own.containers()["reports"]["networksAdvanced"]
    aliases = {network["name"]: network["aliases"] for network in connections}
    assert "ai-platform-reports-metrics" in aliases["ai-platform-dev-observability"]


def test_an_alert_notices_its_absence(own: Rendered) -> None:
    """Every alert about a missing service compares with this list."""
    groups = yaml.safe_load(prometheus_file(own, "/etc/prometheus/rules/expected.yml"))["groups"]
    labels = [rule["labels"] for group in groups for rule in group["rules"]]
    assert {"job": "ai-platform-reports", "tier": "api"} in labels


def test_the_alerts_of_the_api_tier_name_no_service() -> None:
    """The alerts therefore apply to an additional service too."""
    rules = (ROOT / "monitoring" / "prometheus" / "rules" / "api.yml").read_text()
    assert re.findall(r"job\s*=~?\s*\"[^\"]*\"", rules) == []


def test_it_has_an_endpoint(own: Rendered) -> None:
    assert own.outputs["endpoints"]["reports"] == "http://127.0.0.1:8100"


def test_it_reaches_only_its_database(own: Rendered) -> None:
    assert networks(own, "reports") == {"postgres", "reports", "observability", "edge"}
    assert networks(own, "redis") == {"redis"}


def test_it_runs_with_its_settings(own: Rendered) -> None:
    backend = own.containers()["backend"]
    assert backend["image"] == "id-of-registry.example.com/acme/backend:2.3.1"
    assert backend["user"] == "1000:2000"
    assert backend["ports"][0]["internal"] == 9000
    assert backend["healthcheck"]["tests"][-1] == "http://backend:9000/serving"
    assert "image-ai-platform/backend" not in own.of_type("RemoteImage")


def test_a_users_page_gets_nothing_but_its_own_values(own: Rendered) -> None:
    page = own.containers()["frontend"]
    assert page["envs"] == ["REPORTS=http://ai-platform-reports:8100"]
    assert page["uploads"] == []
    assert "frontend-exporter" not in own.containers()
    assert networks(own, "frontend") == {"frontend", "reports"}


def test_the_gateway_leads_to_it(own: Rendered) -> None:
    uploads = {upload["file"]: upload for upload in own.containers()["gateway"]["uploads"]}
    routes = uploads["/etc/gateway/routes.conf"]["content"]
    assert "http://ai-platform-frontend$search_domain:80;" in routes
    assert "http://ai-platform-backend$search_domain:9000;" in routes
    assert networks(own, "gateway") == {"frontend", "backend", "reports", "edge", "gateway"}
