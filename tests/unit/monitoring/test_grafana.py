"""The dashboard, checked with Grafana's own types, and Grafana's provisioning files."""

import json
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
import yaml

from tests.queries import DASHBOARDS, MONITORING, dashboard_queries, panels, rules
from tests.unit.monitoring.models import dropped, load, misfits
from tests.unit.monitoring.promql import metrics

PROVISIONING = MONITORING / "grafana" / "provisioning"
PLATFORM = json.loads((DASHBOARDS / "platform.json").read_text())
PANELS = list(panels(PLATFORM))
CURRENT_TYPES = {"row", "stat", "gauge", "bargauge", "table", "timeseries"}


def test_grafanas_types_know_every_key_of_the_dashboard() -> None:
    assert dropped(PLATFORM) == []


def test_every_value_of_the_dashboard_is_of_its_type() -> None:
    assert list(misfits(load(PLATFORM))) == []


def test_the_check_notices_a_wrong_key_and_a_wrong_value() -> None:
    wrong = json.loads(json.dumps(PLATFORM))
    wrong["panels"][1]["options"] |= {"colorMode": "pink", "colour": "red"}
    assert dropped(wrong) == ["$.panels[1].options.colour"]
    (misfit,) = misfits(load(wrong))
    assert misfit.startswith("$.panels[1].options.color_mode: 'pink'")


def test_the_file_is_the_dashboard_itself_without_a_wrapper() -> None:
    assert "dashboard" not in PLATFORM
    assert PLATFORM["uid"] == "ai-platform"
    assert PLATFORM["title"]


def test_no_panel_is_of_a_removed_type() -> None:
    assert {panel["type"] for panel in PANELS} <= CURRENT_TYPES


def test_every_datasource_is_the_one_that_the_reader_chose() -> None:
    (variable,) = PLATFORM["templating"]["list"]
    assert (variable["name"], variable["type"]) == ("datasource", "datasource")
    shown = [panel for panel in PANELS if panel["type"] != "row"]
    assert all("datasource" in panel for panel in shown)
    assert {json.dumps(value) for value in _values("datasource", PLATFORM["panels"])} == {
        json.dumps({"type": "prometheus", "uid": "${datasource}"})
    }


def test_the_ids_are_unique() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)


def test_no_two_panels_overlap_and_none_leaves_the_grid_of_24_columns() -> None:
    for one, other in combinations(PANELS, 2):
        assert not _cells(one) & _cells(other), (one["title"], other["title"])
    assert all(column < 24 for panel in PANELS for column, _ in _cells(panel))


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_has_queries_and_a_description(panel: dict[str, Any]) -> None:
    if panel["type"] != "row":
        assert panel["description"]
        assert panel["targets"]


def test_queries_contain_no_variables_so_prometheus_can_run_them() -> None:
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
