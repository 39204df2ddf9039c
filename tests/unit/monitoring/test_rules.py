"""The rules, checked with promtool, and the properties of every alert."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.queries import (
    MONITORING,
    RULE_TESTS,
    RULES,
    dashboard_queries,
    rule_cases,
    rule_expressions,
    rules,
)
from tests.unit.monitoring.promql import metrics
from tests.unit.monitoring.tools import run
from tests.unit.rendering import Rendered

ROOT = MONITORING.parent
EXPORTED = Path(__file__).parent / "exported"
EXPECTED = Path(__file__).parent / "expected.yml"
# The URL at which the default stack serves them.
RUNBOOKS = "http://127.0.0.1:9093/"
# What Prometheus adds to every target and to what its rules find, and what the tier adds.
OWN = {"up", "ALERTS", "platform:replicas:expected"}
ALERTS = [(path, rule) for path, rule in rules() if "alert" in rule]
alerts = pytest.mark.parametrize(
    "alert",
    [alert for _, alert in ALERTS],
    ids=["-".join([rule["alert"], *rule["labels"].values()]) for _, rule in ALERTS],
)


@pytest.fixture(scope="module")
def laid_out(dev: Rendered, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rules of the default stack with its expected replicas, and the unit tests of the
    rules."""
    directory = tmp_path_factory.mktemp("prometheus")
    shutil.copytree(RULE_TESTS, directory / "tests")
    (directory / "rules").mkdir()
    for upload in dev.containers()["prometheus"]["uploads"]:
        path = Path(upload["file"])
        if path.parent.name == "rules":
            # The unit tests do not depend on where a stack serves the runbooks.
            rules = upload["content"].replace(f"runbook_url: {RUNBOOKS}", "runbook_url: ")
            (directory / "rules" / path.name).write_text(rules)
    # A further part of the stack changes no unit test of a rule.
    shutil.copy(EXPECTED, directory / "tests")
    return directory


@pytest.mark.parametrize("name", ["expected", *(path.stem for path in sorted(RULES.glob("*.yml")))])
def test_promtool_accepts_the_rules(laid_out: Path, name: str) -> None:
    run("promtool", "check", "rules", "--lint-fatal", str(laid_out / "rules" / f"{name}.yml"))


@pytest.mark.parametrize("name", [path.name for path in sorted(RULE_TESTS.glob("*.yml"))])
def test_the_rules_pass_their_unit_tests(laid_out: Path, name: str) -> None:
    run("promtool", "test", "rules", str(laid_out / "tests" / name))


@alerts
def test_an_alert_has_a_severity_a_description_and_a_runbook(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in {"critical", "warning", "info", "none"}
    assert set(alert["annotations"]) == {"summary", "description", "runbook_url"}
    assert alert["annotations"]["runbook_url"] == f"docs/runbooks/{alert['alert']}.md"
    page = (ROOT / alert["annotations"]["runbook_url"]).read_text()
    assert page.startswith(f"# {alert['alert']}\n")


@alerts
def test_an_alert_asks_what_should_run_and_not_only_what_answers(alert: dict[str, Any]) -> None:
    """`up` has no series for a service that is gone, and one of a service that is not ours."""
    assert "up" not in metrics(alert["expr"]), "ask platform:replicas:healthy instead"


@alerts
def test_an_alert_has_unit_tests_in_which_it_fires_and_in_which_it_does_not(
    alert: dict[str, Any],
) -> None:
    cases = [case for case in rule_cases() if case["alertname"] == alert["alert"]]
    fired = [alert["exp_labels"] for case in cases for alert in case.get("exp_alerts", ())]
    assert any(alert["labels"].items() <= labels.items() for labels in fired)
    if alert["alert"] != "Watchdog":
        assert any(not case.get("exp_alerts") for case in cases)


def test_every_alert_but_the_watchdog_names_its_service() -> None:
    for case in rule_cases():
        for fired in case.get("exp_alerts", ()):
            assert "job" in fired["exp_labels"] or case["alertname"] == "Watchdog"


def test_every_queried_metric_is_exported() -> None:
    exported = {
        name
        for path in EXPORTED.glob("*.txt")
        for name in path.read_text().splitlines()
        if not name.startswith("#")
    }
    recorded = {rule["record"] for _, rule in rules() if "record" in rule}
    defined = exported | recorded | OWN
    queries = [*dashboard_queries(), *rule_expressions()]
    unknown = {
        f"{name} ({where})"
        for where, expression in queries
        for name in metrics(expression)
        if name not in defined
    }
    assert not unknown


def test_every_recording_rule_is_used() -> None:
    queries = [expression for _, expression in (*dashboard_queries(), *rule_expressions())]
    read = {name for expression in queries for name in metrics(expression)}
    assert {rule["record"] for _, rule in rules() if "record" in rule} <= read
