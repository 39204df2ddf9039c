"""The dashboard, checked with Grafana's own types, and Grafana's provisioning files."""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.queries import (
    DASHBOARDS,
    MONITORING,
    dashboard_queries,
    panels,
    rule_cases,
    rules,
)
from tests.unit.monitoring.models import dropped, load, misfits
from tests.unit.monitoring.promql import metrics
from tests.unit.monitoring.tools import run

PROVISIONING = MONITORING / "grafana" / "provisioning"
FILES = {path.stem: json.loads(path.read_text()) for path in sorted(DASHBOARDS.glob("*.json"))}
CURRENT_TYPES = {"row", "stat", "gauge", "bargauge", "table", "timeseries"}
dashboards = pytest.mark.parametrize("dashboard", FILES.values(), ids=FILES)


def test_there_is_a_dashboard_for_each_question() -> None:
    assert {name: dashboard["uid"] for name, dashboard in FILES.items()} == {
        "platform": "ai-platform",
        "service": "ai-platform-service",
        "database": "ai-platform-database",
        "backups": "ai-platform-backups",
    }


@dashboards
def test_grafanas_types_know_every_key_of_a_dashboard(dashboard: dict[str, Any]) -> None:
    assert dropped(dashboard) == []


@dashboards
def test_every_value_of_a_dashboard_is_of_its_type(dashboard: dict[str, Any]) -> None:
    assert list(misfits(load(dashboard))) == []


def test_the_check_notices_a_wrong_key_and_a_wrong_value() -> None:
    wrong = json.loads(json.dumps(FILES["platform"]))
    wrong["panels"][1]["options"] |= {"colorMode": "pink", "colour": "red"}
    assert dropped(wrong) == ["$.panels[1].options.colour"]
    (misfit,) = misfits(load(wrong))
    assert misfit.startswith("$.panels[1].options.color_mode: 'pink'")


@dashboards
def test_a_file_is_the_dashboard_itself_without_a_wrapper(dashboard: dict[str, Any]) -> None:
    assert "dashboard" not in dashboard
    assert dashboard["title"]


@dashboards
def test_a_dashboard_leads_to_the_others_and_to_the_runbooks(dashboard: dict[str, Any]) -> None:
    (others, runbooks) = dashboard["links"]
    assert (others["type"], others["tags"]) == ("dashboards", dashboard["tags"])
    assert runbooks["url"] == "docs/runbooks/README.md"


def test_an_alert_leads_to_its_runbook_and_a_service_to_its_dashboard() -> None:
    first = {panel["title"]: panel["fieldConfig"] for panel in FILES["platform"]["panels"][1:4]}
    (alert,) = (
        entry["value"][0]["url"]
        for override in first["Alerts that fire"]["overrides"]
        for entry in override["properties"]
        if entry["id"] == "links"
    )
    assert alert == "docs/runbooks/${__value.text}.md"
    (service,) = first["System health status"]["defaults"]["links"]
    assert service["url"] == "/d/ai-platform-service?var-service=${__field.labels.job}"


@dashboards
def test_no_panel_is_of_a_removed_type(dashboard: dict[str, Any]) -> None:
    assert {panel["type"] for panel in panels(dashboard)} <= CURRENT_TYPES


@dashboards
def test_every_datasource_is_the_one_that_the_reader_chose(dashboard: dict[str, Any]) -> None:
    variable = dashboard["templating"]["list"][0]
    assert (variable["name"], variable["type"]) == ("datasource", "datasource")
    shown = [panel for panel in panels(dashboard) if panel["type"] != "row"]
    assert all("datasource" in panel for panel in shown)
    assert {json.dumps(value) for value in _values("datasource", dashboard["panels"])} == {
        json.dumps({"type": "prometheus", "uid": "${datasource}"})
    }


@dashboards
def test_the_ids_are_unique(dashboard: dict[str, Any]) -> None:
    ids = [panel["id"] for panel in panels(dashboard)]
    assert len(set(ids)) == len(ids)


@dashboards
def test_no_two_panels_overlap_and_none_leaves_the_grid_of_24_columns(
    dashboard: dict[str, Any],
) -> None:
    for one, other in combinations(panels(dashboard), 2):
        assert not _cells(one) & _cells(other), (one["title"], other["title"])
    assert all(column < 24 for panel in panels(dashboard) for column, _ in _cells(panel))


@dashboards
def test_a_panel_has_queries_a_unit_and_a_description(dashboard: dict[str, Any]) -> None:
    for panel in panels(dashboard):
        if panel["type"] != "row":
            assert panel["description"], panel["title"]
            assert panel["targets"], panel["title"]
            assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]


@dashboards
def test_a_ratio_is_shown_in_percent(dashboard: dict[str, Any]) -> None:
    """`percent` is for values up to 100, and `percentunit` for values up to 1."""
    for panel in panels(dashboard):
        for target in panel.get("targets", ()):
            names = metrics(target["expr"])
            if any(name.endswith(":percent") for name in names):
                assert panel["fieldConfig"]["defaults"]["unit"] == "percent", panel["title"]
            elif any("_ratio" in name for name in names):
                assert panel["fieldConfig"]["defaults"]["unit"] == "percentunit", panel["title"]


def test_no_query_is_0_where_nothing_is_scraped() -> None:
    """A rule writes `platform:replicas:expected` whatever is scraped."""
    constant = re.compile(r"vector\(|\b0 \* \w*\(?platform:replicas:expected|\bor \d+(?! \*)")
    assert constant.search("x or 0 * count(platform:replicas:expected)")
    assert not [query for _, query in dashboard_queries() if constant.search(query)]


def test_every_alert_that_fires_is_in_the_table_and_counts(tmp_path: Path) -> None:
    """Probes have a job that expects no replicas, and the watchdog has no job."""
    (table, *counts) = (
        query
        for _, query in dashboard_queries()
        if query.startswith(("max", "count")) and "ALERTS" in query
    )
    fired = {
        tuple(sorted((alert["exp_labels"] | {"alertname": case["alertname"]}).items()))
        for case in rule_cases()
        for alert in case.get("exp_alerts", ())
    }
    shown = {
        tuple((key, dict(labels).get(key, "")) for key in ("severity", "alertname", "job"))
        for labels in fired
    }
    samples = [
        ([{"labels": labels_of(labels), "value": 1} for labels in sorted(shown)], table),
        *(
            ([{"labels": "{}", "value": severities(fired).count(severity)}], query)
            for query, severity in zip(counts, ("critical", "warning"), strict=True)
        ),
    ]
    series = [f"ALERTS{labels_of((('alertstate', 'firing'), *labels))}" for labels in sorted(fired)]
    test = {
        "interval": "15s",
        "input_series": [{"series": name, "values": "1"} for name in series],
        "promql_expr_test": [
            {"expr": query, "eval_time": "0s", "exp_samples": expected}
            for expected, query in samples
        ],
    }
    path = tmp_path / "shown.yml"
    path.write_text(yaml.safe_dump({"tests": [test]}))
    run("promtool", "test", "rules", str(path))


def test_the_namespace_of_a_shared_prometheus_is_no_column() -> None:
    tables = [panel for panel in panels(FILES["platform"]) if panel["type"] == "table"]
    assert len(tables) == 2
    for table in tables:
        (organize,) = table["transformations"]
        assert organize["options"]["excludeByName"]["namespace"] is True


def labels_of(labels: Iterable[tuple[str, str]]) -> str:
    return "{" + ", ".join(f'{key}="{value}"' for key, value in labels if value) + "}"


def severities(alerts: Iterable[tuple[tuple[str, str], ...]]) -> list[str]:
    return [dict(labels)["severity"] for labels in alerts]


def test_no_query_counts_addresses_that_are_gone() -> None:
    """`up` of an address that is gone stays for five minutes after a restart of Prometheus."""
    assert not [query for _, query in dashboard_queries() if "up" in metrics(query)]


def test_queries_contain_no_other_variable_so_prometheus_can_run_them() -> None:
    assert not [query for _, query in dashboard_queries() if "$" in query]


@pytest.mark.parametrize(
    "metric",
    [
        "system_health_status",
        "system_cpu_usage",
        "system_memory_usage",
        "system_disk_usage",
        "api_requests_total",
        "api_response_time_seconds_bucket",
        "ai_model_accuracy",
        "camera_status",
        "vision_tracking_fps",
        "vision_recognition_fps",
        "vision_detection_accuracy",
        "decisions_total",
        "decision_latency_seconds_bucket",
    ],
)
def test_the_dashboard_shows_what_the_platform_exports(metric: str) -> None:
    recorded = {rule["record"]: rule["expr"] for _, rule in rules() if "record" in rule}
    shown: set[str] = set()
    queried = {name for _, query in dashboard_queries() for name in metrics(query)}
    while queried:
        shown |= queried
        queried = {name for name in queried for name in metrics(recorded.get(name, ""))} - shown
    assert metric in shown


def test_prometheus_is_the_default_datasource() -> None:
    (datasource,) = _provisioned("datasources/prometheus.yml")["datasources"]
    assert datasource["type"] == "prometheus"
    assert datasource["isDefault"] is True
    assert datasource["url"] == "http://ai-platform-prometheus:9090"


def test_dashboards_follow_their_files_every_10_s() -> None:
    (provider,) = _provisioned("dashboards/platform.yml")["providers"]
    assert provider["type"] == "file"
    assert provider["updateIntervalSeconds"] == 10
    assert provider["disableDeletion"] is False
    assert provider["options"] == {"path": "/etc/grafana/dashboards"}


def _provisioned(path: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((PROVISIONING / path).read_text())
    assert content["apiVersion"] == 1
    return content


def _values(key: str, inside: Any) -> Iterator[Any]:
    if isinstance(inside, dict):
        for name, value in inside.items():
            if name == key:
                yield value
            else:
                yield from _values(key, value)
    elif isinstance(inside, list):
        for entry in inside:
            yield from _values(key, entry)


def _cells(panel: dict[str, Any]) -> set[tuple[int, int]]:
    place = panel["gridPos"]
    return {
        (place["x"] + column, place["y"] + line)
        for column in range(place["w"])
        for line in range(place["h"])
    }
