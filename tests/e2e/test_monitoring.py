"""Prometheus scrapes every service, and every panel of the dashboards has data."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from components.probe import PROBES
from operations import docker_stack
from tests.e2e.stack import Stack, eventually
from tests.queries import dashboard_queries, rule_expressions
from tests.unit.monitoring.promql import metrics

# Jobs of every stack; what else a stack should run, its own rules say.
JOBS = {
    *("ai-platform-backend", "ai-platform-frontend", "ai-platform-gateway"),
    *("ai-platform-postgres", "prometheus"),
}


# This stack has no standbys and no certificate.
ELSEWHERE = {
    *("platform_postgres_replica_lag_bytes", "platform_postgres_replica_lag_seconds"),
    *("cnpg_pg_replication_lag", "probe_ssl_earliest_cert_expiry"),
}
QUERIES = [(panel, query) for panel, query in dashboard_queries() if not metrics(query) & ELSEWHERE]


def query_prometheus(stack: Stack, path: str, **parameters: str) -> Any:
    with stack.client("prometheus") as prometheus:
        return ask(prometheus, path, **parameters)


def ask(prometheus: httpx2.Client, path: str, **parameters: str) -> Any:
    answer = prometheus.get(f"/api/v1/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_every_target_is_up(stack: Stack) -> None:
    def up() -> bool:
        targets = query_prometheus(stack, "targets")["activeTargets"]
        jobs = {target["labels"]["job"] for target in targets if target["health"] == "up"}
        series = query_prometheus(stack, "query", query="platform:replicas:expected")["result"]
        expected = {entry["metric"]["job"] for entry in series}
        complete = jobs == expected | {PROBES} and expected >= JOBS
        return complete and all(target["health"] == "up" for target in targets)

    eventually(up, within=90)


def test_every_probe_succeeds(stack: Stack) -> None:
    """Of every route: the page, our backend's status, and its route. A restarted Prometheus shows
    the last figures of a removed service for five more minutes, so only recent ones count."""

    def succeed() -> None:
        query = "probe_success and timestamp(probe_success) > time() - 45"
        series = query_prometheus(stack, "query", query=query)["result"]
        success = {entry["metric"]["instance"]: entry["value"][1] for entry in series}
        assert success == {"/": "1", "/api/status": "1", "/api/": "1"}

    eventually(lambda: succeed() is None, within=60)


def test_every_kept_volume_is_measured(stack: Stack) -> None:
    def measured() -> bool:
        query = 'platform:volume:percent{resource="space"} > 0 < 100'
        series = query_prometheus(stack, "query", query=query)["result"]
        volumes = {entry["metric"]["volume"] for entry in series}
        return volumes == {"postgres", "backup", "redis", "prometheus", "alertmanager"}

    eventually(measured, within=90)


def test_every_rule_is_loaded_and_evaluated(stack: Stack) -> None:
    def evaluated() -> bool:
        groups = query_prometheus(stack, "rules")["groups"]
        loaded = [rule for group in groups for rule in group["rules"]]
        assert len(loaded) >= len(JOBS)
        return all(rule["health"] == "ok" for rule in loaded)

    assert rule_expressions()
    eventually(evaluated, within=90)


@pytest.fixture(scope="module")
def prometheus_after_traffic(stack: Stack) -> Iterator[httpx2.Client]:
    """Prometheus of the stack after some traffic, so that rates exist."""
    pixels = [0.0] * 24 + [16.0] * 16 + [0.0] * 24
    with stack.client("web") as web:
        for _ in range(5):
            decision = web.post("/api/decisions", json={"source": "camera-e2e", "pixels": pixels})
            web.get("/api/decisions")
            web.get(f"/api/decisions/{decision.json()['id']}")
    with stack.client("prometheus") as prometheus:
        yield prometheus


@pytest.mark.parametrize(("panel", "query"), QUERIES)
def test_every_panel_has_data(
    prometheus_after_traffic: httpx2.Client, panel: str, query: str
) -> None:
    eventually(
        lambda: ask(prometheus_after_traffic, "query", query=query)["result"],
        within=120,
        interval=3,
    )


def test_the_links_of_an_alert_that_fires_are_absolute_and_open(stack: Stack) -> None:
    """The watchdog always fires. Its links work as they are, and so does the one to Alertmanager
    that every notification has."""
    with stack.client("alertmanager") as alertmanager:
        (watchdog,) = eventually(
            lambda: alertmanager.get("/api/v2/alerts?filter=alertname%3DWatchdog").json(),
            within=90,
        )
    assert watchdog["labels"]["stack"] == stack.name
    assert watchdog["labels"]["cluster"] == "docker"
    expression, runbook = watchdog["generatorURL"], watchdog["annotations"]["runbook_url"]
    flags = stack.inspect("alertmanager")["Args"]
    (notifications,) = (flag.partition("=")[2] for flag in flags if "external-url" in flag)
    assert notifications == stack.endpoints()["alertmanager"]
    for url, text in (
        (expression, "Prometheus"),
        (runbook, "# Watchdog"),
        (f"{notifications}/#/alerts?receiver=watchdog", "Alertmanager"),
    ):
        page = httpx2.get(url, follow_redirects=True, timeout=10)
        assert page.status_code == 200, f"{url}: {page.status_code}"
        assert text in page.text


def test_the_gateway_finds_alertmanager_at_a_new_address(stack: Stack) -> None:
    before = addresses(stack, "alertmanager")
    (shared,) = before.keys() & addresses(stack, "alertmanager-gateway").keys()
    image = stack.inspect("alertmanager")["Image"]
    docker_stack.docker("stop", stack.container("alertmanager"))
    # The next container gets the free address. The labels let a later run remove this container.
    labels = (
        "--label=ai-platform.project=ai-platform",
        f"--label=ai-platform.stack={stack.name}",
    )
    container = docker_stack.docker(
        *("run", "--detach", "--rm", f"--network={shared}", *labels),
        *("--entrypoint=sleep", image, "120"),
    ).strip()
    try:
        docker_stack.docker("start", stack.container("alertmanager"))
        assert addresses(stack, "alertmanager")[shared] != before[shared]
        with stack.client("alertmanager") as alertmanager:
            eventually(lambda: alertmanager.get("/-/ready").status_code == 200, within=60)
    finally:
        docker_stack.docker("rm", "--force", "--volumes", container)


def addresses(stack: Stack, workload: str) -> dict[str, str]:
    """The container's addresses by network."""
    networks = stack.inspect(workload)["NetworkSettings"]["Networks"]
    return {name: network["IPAddress"] for name, network in networks.items()}
