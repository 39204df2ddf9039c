"""The difference in a terminal: what changes, and the table last."""

import io

from rich.console import Console

from operations.plan import terminal
from operations.plan.compare import compare
from operations.plan.outcome import Outcome
from tests.unit.operations.plan.states import VOLUME, of, state


def shown(*outcomes: Outcome) -> list[str]:
    text = io.StringIO()
    terminal.show(Console(file=text, width=100, highlight=False), outcomes)
    return [line.rstrip() for line in text.getvalue().splitlines() if line.strip()]


def test_what_changes_is_shown_field_by_field_and_counted_last() -> None:
    before = of(state("backend", {"tag": "[b]old"}), state("data", kind=VOLUME, protect=True))
    after = of(state("backend", {"tag": "[b]new"}), state("redis", {"a": "[secret]"}))
    assert shown(Outcome(stack="dev", difference=compare(before, after))) == [
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


def test_a_stack_in_which_nothing_changes_says_so() -> None:
    plan = of(state("backend"))
    assert shown(Outcome(stack="dev", difference=compare(plan, plan)))[:2] == [
        "dev",
        "Nothing changes.",
    ]


def test_a_stack_that_cannot_be_planned_says_why() -> None:
    lines = shown(Outcome(stack="dev", failure="no engine [at all]"))
    assert lines[:3] == ["dev", "cannot be planned:", "no engine [at all]"]
    assert lines[-1].split() == ["dev", *"???????"]


def test_a_base_that_cannot_be_planned_says_what_the_counts_mean() -> None:
    found = compare({}, of(state("backend")))
    lines = shown(Outcome(stack="dev", difference=found, base_failure="refused"))
    assert lines[1:3] == [
        "The base cannot be planned: all that this asks for counts as created.",
        "refused",
    ]


def test_what_a_new_resource_is_made_of_is_cut() -> None:
    many = {f"key-{number:04}": number for number in range(terminal.LINES + 3)}
    lines = shown(Outcome(stack="dev", difference=compare({}, of(state("backend", many)))))
    assert "    … 3 more lines" in lines


def test_what_changes_is_not_cut() -> None:
    many = {f"key-{number:04}": number for number in range(terminal.LINES + 3)}
    changed = {key: value + 1 for key, value in many.items()}
    found = compare(of(state("backend", many)), of(state("backend", changed)))
    lines = shown(Outcome(stack="dev", difference=found))
    assert sum(line.startswith("    +") for line in lines) == len(many)
