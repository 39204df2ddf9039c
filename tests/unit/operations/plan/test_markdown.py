"""The page of a job: a table of counts, a folded block per change, and a limited length."""

import re

import pytest

from operations.plan import markdown
from operations.plan.compare import Difference, compare
from operations.plan.outcome import Outcome
from operations.plan.resources import Plan
from tests.unit.operations.plan.states import VOLUME, plan_of, state

COMMAND = "make plan BASE=main"


def page(*outcomes: Outcome, limit: int = markdown.LIMIT) -> str:
    return markdown.page("What this changes", outcomes, COMMAND, limit)


def between(base: Plan, head: Plan) -> Outcome:
    return Outcome(stack="dev", difference=compare(base, head))


def test_a_page_has_a_table_and_a_block_for_each_change() -> None:
    before = plan_of(
        state("backend", {"memory": 256, "envs": ["[secret]"]}),
        state("volume-postgres", kind=VOLUME, protect=True),
    )
    after = plan_of(state("backend", {"memory": 512, "envs": ["[secret]"]}))
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
        "1 values are secret or known only after `pulumi up`. This page does not show a difference "
        "between such values.",
        "",
        "### prod",
        "",
        "Nothing changes.",
        "",
        "1 values are secret or known only after `pulumi up`. This page does not show a difference "
        "between such values.",
    ]


def test_a_stack_that_cannot_be_planned_shows_the_error_and_no_counts() -> None:
    text = page(Outcome(stack="dev", failure="no Docker engine"))
    assert "| dev | ? | ? | ? | ? | ? | ? |" in text
    assert "**The stack dev cannot be planned:**\n\n```\nno Docker engine\n```" in text
    assert "Nothing changes" not in text


def test_a_base_that_cannot_be_planned_does_not_look_like_an_empty_one() -> None:
    empty = Difference(changes=(), same=0, hidden=0)
    text = page(Outcome(stack="dev", difference=empty, base_failure="refused"))
    assert "**The base cannot be planned" in text
    assert "```\nrefused\n```" in text
    assert "Nothing changes" not in text


def test_no_text_in_a_value_closes_its_block() -> None:
    before, after = {"a": "x"}, {"a": "````\n</details>\n# title"}
    text = page(between(plan_of(state("backend", before)), plan_of(state("backend", after))))
    fences = re.findall(r"^`{3,}", text, re.MULTILINE)
    assert fences == ["`````", "`````"]
    block = text[text.index("`````diff") : text.rindex("`````")]
    assert "</details>" in block


def test_names_are_escaped() -> None:
    text = page(between({}, plan_of(state("<script>", {"a": 1}))))
    assert "<script>" not in text
    assert "<code>&lt;script&gt;</code>" in text


def test_a_long_resource_is_cut_and_shows_the_number_of_lines() -> None:
    inputs = {f"key-{number:04}": number for number in range(markdown.LINES + 7)}
    text = page(between({}, plan_of(state("backend", inputs))))
    assert " … 7 more lines" in text
    assert f"key-{markdown.LINES:04}" not in text


@pytest.mark.parametrize("limit", [2_000, 20_000])
def test_a_page_stays_within_its_limit_and_says_how_many_parts_are_missing(limit: int) -> None:
    after = plan_of(*(state(f"service-{number:03}", {"a": "ü" * 100}) for number in range(200)))
    text = page(between({}, after), limit=limit)
    assert limit / 2 < len(text.encode()) <= limit
    match = re.search(r"\*\*(\d+) more parts .*`make plan BASE=main` shows all", text)
    assert match is not None
    assert int(match[1]) + text.count("<details>") == 200
    assert "| dev | 0 | 0 | 0 | 200 | 0 | 0 |" in text


def test_the_limit_is_below_the_one_of_github() -> None:
    assert markdown.LIMIT < 1024 * 1024
