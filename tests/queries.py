"""Every query in the monitoring files, for tests that parse them or run them on Prometheus."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

MONITORING = Path(__file__).parent.parent / "monitoring"
RULES = MONITORING / "prometheus" / "rules"
RULE_TESTS = MONITORING / "prometheus" / "tests"
DASHBOARDS = MONITORING / "grafana" / "dashboards"


def dashboard_queries() -> list[tuple[str, str]]:
    """The title and PromQL of every panel, about all services where readers choose one."""
    return [
        (panel["title"], target["expr"].replace("$service", ".+"))
        for path in sorted(DASHBOARDS.glob("*.json"))
        for panel in panels(json.loads(path.read_text()))
        for target in panel.get("targets", ())
    ]


def rule_expressions() -> list[tuple[str, str]]:
    """The name and PromQL of every alert and recording rule."""
    return [(rule.get("alert") or rule["record"], rule["expr"]) for _, rule in rules()]


def rules() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every rule with its file."""
    for path in sorted(RULES.glob("*.yml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            for rule in group["rules"]:
                yield path, rule


@cache
def rule_cases() -> list[dict[str, Any]]:
    """What the unit tests of the rules expect of alerts."""
    return [
        case
        for path in sorted(RULE_TESTS.glob("*.yml"))
        for test in yaml.safe_load(path.read_text())["tests"]
        for case in test.get("alert_rule_test", ())
    ]


def panels(dashboard: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The panels of a dashboard, including those in collapsed rows."""
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", ())
