"""`make plan`: its comparison of two trees, its summary and its exit status."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from operations.__main__ import main
from operations.plan import verb
from operations.plan.previews import Deployed, PreviewError
from operations.plan.resources import Plan
from tests.unit.operations.plan.states import CONTAINER, plan_of, state, urn

Plans = dict[tuple[str, str], Plan | str | None]
Run = Callable[..., tuple[bool, str]]

BASE, HEAD = plan_of(state("backend", {"memory": 1})), plan_of(state("backend", {"memory": 2}))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the verb on these plans, by side and stack.

    A text is Pulumi's error; None stands for a tree without the stack.
    """
    monkeypatch.setattr("operations.machine_choices.plugins_for", lambda *_: {})
    monkeypatch.setattr("operations.pulumi_installation.ensure", lambda *_: None)
    monkeypatch.setattr("operations.plan.trees.base", lambda ref: f"base-of-{ref}")
    monkeypatch.setattr("operations.plan.trees.head", lambda: "tree")
    monkeypatch.setattr("operations.plan.trees.description", lambda commit: f"{commit} Subject")
    monkeypatch.setattr("operations.plan.trees.extract", lambda tree, directory: None)
    monkeypatch.setattr(
        "operations.plan.trees.virtualenv", lambda tree, directory, report: directory
    )

    def run(plans: Plans) -> tuple[bool, str]:
        def from_nothing(stack: str, *, tree: Path, **_: Any) -> Plan | None:
            plan = plans[tree.parent.name, stack]
            if isinstance(plan, str):
                raise PreviewError(plan)
            return plan

        monkeypatch.setattr(verb, "from_nothing", from_nothing)
        summary = tmp_path / "summary.md"
        summary.write_text("before\n")
        stacks = list(dict.fromkeys(stack for _, stack in plans))
        return verb.plan("main", stacks, summary), summary.read_text()

    return run


def test_both_stacks_are_compared_and_the_page_is_appended_to_the_summary(run: Run) -> None:
    success, page = run(
        {
            ("base", "dev"): BASE,
            ("head", "dev"): HEAD,
            ("base", "prod"): BASE,
            ("head", "prod"): BASE,
        }
    )
    assert success
    assert page.startswith("before\n## Changes since base-of-main Subject\n")
    assert "| dev | 0 | 0 | 1 | 0 | 0 | 0 |" in page
    assert "| prod | 0 | 0 | 0 | 0 | 0 | 1 |" in page
    assert "-memory: 1\n+memory: 2" in page


def test_a_head_that_cannot_be_planned_fails_but_the_other_stack_is_shown(run: Run) -> None:
    success, page = run(
        {
            ("base", "dev"): BASE,
            ("head", "dev"): "no engine",
            ("base", "prod"): BASE,
            ("head", "prod"): HEAD,
        }
    )
    assert not success
    assert "no engine" in page
    assert "| prod | 0 | 0 | 1 | 0 | 0 | 0 |" in page


def test_a_base_that_cannot_be_planned_is_reported_and_does_not_fail(run: Run) -> None:
    success, page = run({("base", "dev"): "refused", ("head", "dev"): HEAD})
    assert success
    assert "refused" in page
    assert "| dev | 0 | 0 | 0 | 1 | 0 | 0 |" in page


def test_a_new_stack_is_created_and_a_stack_without_a_file_is_removed(run: Run) -> None:
    success, page = run(
        {
            ("base", "new"): None,
            ("head", "new"): HEAD,
            ("base", "old"): BASE,
            ("head", "old"): None,
        }
    )
    assert success
    assert "| new | 0 | 0 | 0 | 1 | 0 | 0 |" in page
    assert "| old | 1 | 0 | 0 | 0 | 0 | 0 |" in page


def test_a_stack_that_neither_tree_has_is_an_error(run: Run) -> None:
    success, page = run({("base", "pord"): None, ("head", "pord"): None})
    assert not success
    assert "neither tree has a file Pulumi.pord.yaml" in page


def test_no_tree_is_extracted_for_the_deployed_stacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.machine_choices.plugins_for", lambda *_: {})
    monkeypatch.setattr("operations.pulumi_installation.ensure", lambda *_: None)
    monkeypatch.delattr("operations.plan.trees.extract")
    deployed = Deployed(base=BASE, head=HEAD, steps={urn(CONTAINER, "backend"): "replaced"})
    monkeypatch.setattr(verb, "against_deployed", lambda stack, scratch: deployed)
    summary = tmp_path / "summary.md"
    assert verb.plan(None, ["prod"], summary)
    assert "## Changes to the deployed stacks" in summary.read_text()
    assert "| prod | 0 | 1 | 0 | 0 | 0 | 0 |" in summary.read_text()


@pytest.mark.parametrize(("success", "status"), [(True, 0), (False, 1)])
def test_the_exit_status_shows_whether_every_stack_could_be_planned(
    monkeypatch: pytest.MonkeyPatch, success: bool, status: int
) -> None:
    calls: list[Any] = []

    def plan(*arguments: Any) -> bool:
        calls.append(arguments)
        return success

    monkeypatch.setattr("operations.plan.plan", plan)
    assert CliRunner().invoke(main, ["plan", "--base", "HEAD^1"]).exit_code == status
    assert CliRunner().invoke(main, ["plan", "--deployed", "--stack", "prod"]).exit_code == status
    assert calls == [("HEAD^1", ("dev", "prod"), None), (None, ("prod",), None)]
