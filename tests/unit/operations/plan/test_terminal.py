"""The difference on a terminal: the changes, and the table last."""

import io

from rich.console import Console

from operations.plan import terminal
from operations.plan.compare import compare
from operations.plan.outcome import Outcome
from tests.unit.operations.plan.states import VOLUME, plan_of, state


def output_lines(*outcomes: Outcome) -> list[str]:
    text = io.StringIO()
    terminal.show(Console(file=text, width=100, highlight=False), outcomes)
    return [line.rstrip() for line in text.getvalue().splitlines() if line.strip()]


def test_changes_are_shown_by_field_and_counted_last() -> None:
    before = plan_of(state("backend", {"tag": "[b]old"}), state("data", kind=VOLUME, protect=True))
    after = plan_of(state("backend", {"tag": "[b]new"}), state("redis", {"a": "[secret]"}))
    assert output_lines(Outcome(stack="dev", difference=compare(before, after))) == [
        "dev",
        "removed  Volume data (protected)",
        "changed  Container backend",
        "    -tag: [b]old",
        "    +tag: [b]new",
        "created  Container redis",
        "    +a: [secret]",
        "stack  removed  replaced  changed  created  follows  same  hidden values",
        "dev    1        0         1        1        0        0     1",
    ]


def test_a_stack_without_changes_says_so() -> None:
    plan = plan_of(state("backend"))
    assert output_lines(Outcome(stack="dev", difference=compare(plan, plan)))[:2] == [
        "dev",
        "Nothing changes.",
    ]


def test_a_stack_that_cannot_be_planned_shows_the_error() -> None:
    lines = output_lines(Outcome(stack="dev", failure="no engine [at all]"))
    assert lines[:3] == ["dev", "cannot be planned:", "no engine [at all]"]
    assert lines[-1].split() == ["dev", *"???????"]


def test_a_base_that_cannot_be_planned_explains_the_counts() -> None:
    difference = compare({}, plan_of(state("backend")))
    lines = output_lines(Outcome(stack="dev", difference=difference, base_failure="refused"))
    assert lines[1:3] == [
        "The base cannot be planned, so every resource counts as created:",
        "refused",
    ]


def test_the_lines_of_a_new_resource_are_cut() -> None:
    inputs = {f"key-{number:04}": number for number in range(terminal.LINES + 3)}
    lines = output_lines(
        Outcome(stack="dev", difference=compare({}, plan_of(state("backend", inputs))))
    )
    assert "    … 3 more lines" in lines


def test_the_lines_of_a_changed_resource_are_not_cut() -> None:
    inputs = {f"key-{number:04}": number for number in range(terminal.LINES + 3)}
    changed = {key: value + 1 for key, value in inputs.items()}
    difference = compare(plan_of(state("backend", inputs)), plan_of(state("backend", changed)))
    lines = output_lines(Outcome(stack="dev", difference=difference))
    assert sum(line.startswith("    +") for line in lines) == len(inputs)
