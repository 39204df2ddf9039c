"""The page of a job: a table of counts, what changes folded below it, and never too long."""

import re

import pytest

from operations.plan import markdown
from operations.plan.compare import Difference, compare
from operations.plan.outcome import Outcome
from operations.plan.resources import Plan
from tests.unit.operations.plan.states import VOLUME, of, state

HOW = "make plan BASE=main"


def page(*outcomes: Outcome, limit: int = markdown.LIMIT) -> str:
    return markdown.page("What this changes", outcomes, HOW, limit)


def between(base: Plan, head: Plan) -> Outcome:
    return Outcome(stack="dev", difference=compare(base, head))


def test_the_whole_page_of_a_change() -> None:
    before = of(
        state("backend", {"memory": 256, "envs": ["[secret]"]}),
        state("volume-postgres", kind=VOLUME, protect=True),
    )
    after = of(state("backend", {"memory": 512, "envs": ["[secret]"]}))
    same = Outcome(stack="prod", difference=compare(after, after))
    assert page(between(before, after), same).splitlines() == [
        "## What this changes",
        "",
        "| stack | removed | replaced | changed | created | follows | same |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| dev | 1 | 0 | 1 | 0 | 0 | 0 |",
        "| prod | 0 | 0 | 0 | 0 | 0 | 1 |",
        "",
        "### dev",
        "",
        "- removed: Volume <code>volume-postgres</code>, <b>protected</b>",
        "",
        "<details><summary>changed: Container <code>backend</code></summary>",
        "",
        "```diff",
        "-memory: 256",
        "+memory: 512",
        "```",
        "",
        "</details>",
        "",
        "1 values are secret or known only after `pulumi up`: where nothing but such a value "
        "differs, nothing is shown.",
        "",
        "### prod",
        "",
        "Nothing changes.",
        "",
        "1 values are secret or known only after `pulumi up`: where nothing but such a value "
        "differs, nothing is shown.",
    ]


def test_a_stack_that_cannot_be_planned_says_why_and_counts_nothing() -> None:
    shown = page(Outcome(stack="dev", failure="no Docker engine"))
    assert "| dev | ? | ? | ? | ? | ? | ? |" in shown
    assert "**The stack dev cannot be planned:**\n\n```\nno Docker engine\n```" in shown
    assert "Nothing changes" not in shown


def test_a_base_that_cannot_be_planned_is_not_taken_for_one_with_nothing() -> None:
    empty = Difference(changes=(), same=0, hidden=0)
    shown = page(Outcome(stack="dev", difference=empty, base_failure="refused"))
    assert "**The base cannot be planned" in shown
    assert "```\nrefused\n```" in shown
    assert "Nothing changes" not in shown


def test_nothing_in_a_value_ends_the_block_that_it_stands_in() -> None:
    before, after = {"a": "x"}, {"a": "````\n</details>\n# title"}
    shown = page(between(of(state("backend", before)), of(state("backend", after))))
    fences = re.findall(r"^`{3,}", shown, re.MULTILINE)
    assert fences == ["`````", "`````"]
    block = shown[shown.index("`````diff") : shown.rindex("`````")]
    assert "</details>" in block


def test_names_are_text_and_no_markup() -> None:
    shown = page(between({}, of(state("<script>", {"a": 1}))))
    assert "<script>" not in shown
    assert "<code>&lt;script&gt;</code>" in shown


def test_a_long_resource_is_cut_and_says_by_how_much() -> None:
    many = {f"key-{number:04}": number for number in range(markdown.LINES + 7)}
    shown = page(between({}, of(state("backend", many))))
    assert " … 7 more lines" in shown
    assert f"key-{markdown.LINES:04}" not in shown


@pytest.mark.parametrize("limit", [2_000, 20_000])
def test_a_page_is_never_longer_than_its_limit_and_says_what_is_cut(limit: int) -> None:
    after = of(*(state(f"service-{number:03}", {"a": "ü" * 100}) for number in range(200)))
    shown = page(between({}, after), limit=limit)
    assert limit / 2 < len(shown.encode()) <= limit
    said = re.search(r"\*\*Cut: (\d+) more parts .*`make plan BASE=main` shows all", shown)
    assert said is not None
    assert int(said[1]) + shown.count("<details>") == 200
    assert "| dev | 0 | 0 | 0 | 200 | 0 | 0 |" in shown


def test_the_limit_is_below_what_github_takes() -> None:
    assert markdown.LIMIT < 1024 * 1024
