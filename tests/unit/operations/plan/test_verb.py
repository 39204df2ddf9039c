"""`make plan`: both stacks of both trees, what is printed, what is written, and the exit status."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from operations.__main__ import main
from operations.plan import verb
from operations.plan.previews import Deployed, PreviewError
from operations.plan.resources import Plan
from tests.unit.operations.plan.states import CONTAINER, of, state, urn

Plans = dict[tuple[str, str], Plan | str | None]
Run = Callable[..., tuple[bool, str]]

OLD, NEW = of(state("backend", {"memory": 1})), of(state("backend", {"memory": 2}))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The verb on these plans, by side and stack.

    A text is what Pulumi refuses with; None stands for a tree that has no such stack.
    """
    monkeypatch.setattr("operations.choice.plugins_for", lambda *_: {})
    monkeypatch.setattr("operations.programs.ensure", lambda *_: None)
    monkeypatch.setattr("operations.plan.trees.base", lambda ref: f"base-of-{ref}")
    monkeypatch.setattr("operations.plan.trees.head", lambda: "tree")
    monkeypatch.setattr("operations.plan.trees.described", lambda commit: f"{commit} Subject")
    monkeypatch.setattr("operations.plan.trees.extract", lambda tree, directory: None)
    monkeypatch.setattr(
        "operations.plan.trees.virtualenv", lambda tree, directory, report: directory
    )

    def run(plans: Plans) -> tuple[bool, str]:
        def from_nothing(stack: str, *, tree: Path, **_: Any) -> Plan | None:
            found = plans[tree.parent.name, stack]
            if isinstance(found, str):
                raise PreviewError(found)
            return found

        monkeypatch.setattr(verb, "from_nothing", from_nothing)
        summary = tmp_path / "summary.md"
        summary.write_text("before\n")
        stacks = list(dict.fromkeys(stack for _, stack in plans))
        return verb.plan("main", stacks, summary), summary.read_text()

    return run


def test_both_stacks_are_compared_and_the_page_is_added_to_what_is_there(run: Run) -> None:
    well, page = run(
        {
            ("base", "dev"): OLD,
            ("head", "dev"): NEW,
            ("base", "prod"): OLD,
            ("head", "prod"): OLD,
        }
    )
    assert well
    assert page.startswith("before\n## What this changes since base-of-main Subject\n")
    assert "| dev | 0 | 0 | 1 | 0 | 0 | 0 |" in page
    assert "| prod | 0 | 0 | 0 | 0 | 0 | 1 |" in page
    assert "-memory: 1\n+memory: 2" in page


def test_a_head_that_cannot_be_planned_fails_and_the_other_stack_is_shown(run: Run) -> None:
    well, page = run(
        {
            ("base", "dev"): OLD,
            ("head", "dev"): "no engine",
            ("base", "prod"): OLD,
            ("head", "prod"): NEW,
        }
    )
    assert not well
    assert "no engine" in page
    assert "| prod | 0 | 0 | 1 | 0 | 0 | 0 |" in page


def test_a_base_that_cannot_be_planned_is_said_and_is_not_the_heads_fault(run: Run) -> None:
    well, page = run({("base", "dev"): "refused", ("head", "dev"): NEW})
    assert well
    assert "refused" in page
    assert "| dev | 0 | 0 | 0 | 1 | 0 | 0 |" in page


def test_a_stack_that_is_new_is_created_and_one_whose_file_is_gone_is_removed(run: Run) -> None:
    well, page = run(
        {
            ("base", "new"): None,
            ("head", "new"): NEW,
            ("base", "gone"): OLD,
            ("head", "gone"): None,
        }
    )
    assert well
    assert "| new | 0 | 0 | 0 | 1 | 0 | 0 |" in page
    assert "| gone | 1 | 0 | 0 | 0 | 0 | 0 |" in page


def test_a_stack_that_neither_tree_has_is_a_mistake_and_not_an_empty_plan(run: Run) -> None:
    well, page = run({("base", "pord"): None, ("head", "pord"): None})
    assert not well
    assert "neither tree has a file Pulumi.pord.yaml" in page


def test_against_what_is_deployed_no_tree_is_laid_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.choice.plugins_for", lambda *_: {})
    monkeypatch.setattr("operations.programs.ensure", lambda *_: None)
    monkeypatch.delattr("operations.plan.trees.extract")
    replaced = Deployed(base=OLD, head=NEW, steps={urn(CONTAINER, "backend"): "replaced"})
    monkeypatch.setattr(verb, "against_deployed", lambda stack, scratch: replaced)
    summary = tmp_path / "summary.md"
    assert verb.plan(None, ["prod"], summary)
    assert "## What this changes in what is deployed" in summary.read_text()
    assert "| prod | 0 | 1 | 0 | 0 | 0 | 0 |" in summary.read_text()


@pytest.mark.parametrize(("well", "status"), [(True, 0), (False, 1)])
def test_the_exit_status_says_whether_every_stack_could_be_planned(
    monkeypatch: pytest.MonkeyPatch, well: bool, status: int
) -> None:
    asked: list[Any] = []

    def plan(*given: Any) -> bool:
        asked.append(given)
        return well

    monkeypatch.setattr("operations.plan.plan", plan)
    assert CliRunner().invoke(main, ["plan", "--base", "HEAD^1"]).exit_code == status
    assert CliRunner().invoke(main, ["plan", "--deployed", "--stack", "prod"]).exit_code == status
    assert asked == [("HEAD^1", ("dev", "prod"), None), (None, ("prod",), None)]
