"""The rules on a Prometheus that other stacks share: the unit tests of the rules pass, while other
namespaces have series of the same jobs with other values."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.observability import rules
from components.observability.promql import bound
from components.text import Text
from tests.queries import RULE_TESTS, RULES
from tests.queries import rules as plain_rules
from tests.unit.monitoring.test_rules import EXPECTED
from tests.unit.monitoring.tools import run

OURS = "acme"
# Values in other namespaces, which would change what a rule finds in ours: the least, and the most,
# which also grows.
OTHERS = {"least": "0x80", "most": "1000000000+1000000x80"}
PARTS = re.compile(r"(\d+)([hms])")
RECORDED = sorted({rule["record"] for _, rule in plain_rules() if "record" in rule})


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rules bound to our namespace, and their unit tests with other namespaces."""
    directory = tmp_path_factory.mktemp("shared")
    files = {f"rules/{path.name}": Text(template=path.read_text()) for path in RULES.glob("*.yml")}
    files["tests/expected.yml"] = Text(template=EXPECTED.read_text())
    for folder in ("rules", "tests"):
        (directory / folder).mkdir()
    for name, text in rules.bound(files, OURS, {}).items():
        (directory / name).write_text(text.template)
    for path in RULE_TESTS.glob("*.yml"):
        # As text: `0x80` stands for zeros here, and not for a number.
        content = shared(yaml.load(path.read_text(), yaml.BaseLoader))  # noqa: S506 (makes text only)
        (directory / "tests" / path.name).write_text(yaml.safe_dump(content, sort_keys=False))
    return directory


def shared(content: dict[str, Any]) -> dict[str, Any]:
    """The tests of a file, with our namespace in what they feed and expect, and with others.

    Tests of more than a quarter of an hour are left out. They take long, and test_promql.py proves
    that every selector is bound.
    """
    content["tests"] = [test for test in content["tests"] if length(test) <= 15 * 60]
    for test in content["tests"]:
        test["input_series"] = list(series(test.get("input_series", ())))
        for case in test.get("alert_rule_test", ()):
            for alert in case.get("exp_alerts", ()):
                alert["exp_labels"] = {**alert["exp_labels"], "namespace": OURS}
        for case in test.get("promql_expr_test", ()):
            case["expr"] = bound(case["expr"], OURS)
            for sample in case.get("exp_samples", ()):
                sample["labels"] = bound(sample["labels"], OURS)
                sample["value"] = float(sample["value"])
    return content


def length(test: dict[str, Any]) -> int:
    """The last time at which a test evaluates the rules, in seconds."""
    cases = (*test.get("alert_rule_test", ()), *test.get("promql_expr_test", ()))
    seconds = {"h": 3600, "m": 60, "s": 1}
    return max(
        sum(int(number) * seconds[unit] for number, unit in PARTS.findall(case["eval_time"]))
        for case in cases
    )


def series(ours: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    """Our series, and for each series of ours and each recorded one those of other namespaces."""
    theirs = {entry["series"] for entry in ours}
    theirs |= {f'{name}{{job="ai-platform-backend"}}' for name in RECORDED}
    for entry in ours:
        yield {"series": bound(entry["series"], OURS), "values": entry["values"]}
    for namespace, values in OTHERS.items():
        for name in sorted(theirs):
            yield {"series": bound(name, namespace), "values": values}


@pytest.mark.parametrize("name", [path.name for path in sorted(RULE_TESTS.glob("*.yml"))])
def test_the_rules_of_a_stack_see_its_own_namespace_only(laid_out: Path, name: str) -> None:
    run("promtool", "test", "rules", str(laid_out / "tests" / name))


@pytest.mark.parametrize("name", [path.name for path in sorted(RULES.glob("*.yml"))])
def test_promtool_accepts_the_bound_rules(laid_out: Path, name: str) -> None:
    run("promtool", "check", "rules", "--lint-fatal", str(laid_out / "rules" / name))
