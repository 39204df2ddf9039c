"""`make plan`: the changes of this tree in each stack. It needs no cluster and no secret."""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from operations import machine_choices, pulumi_installation, stack_file, steps
from operations.plan import markdown, terminal, trees
from operations.plan.compare import compare
from operations.plan.outcome import Outcome
from operations.plan.previews import PreviewError, against_deployed, from_nothing
from operations.plan.resources import Plan
from operations.workspace import Workspace

Planner = Callable[[str], Plan | None]
"""Returns the plan of a stack of one tree, or None where the tree lacks the stack."""


def plan(base: str | None, stacks: Sequence[str], summary: Path | None) -> bool:
    """Print the changes and append them to `summary`; return False where a stack cannot be planned.

    The plan compares the working tree with its latest common commit with `base`, or with the
    deployed stacks where `base` is None.
    """
    with steps.step("Pulumi") as report:
        by_target = {stack_file.target(Workspace.of(stack)): stack for stack in stacks}
        for target in ("docker", "kubernetes"):
            if stack := by_target.get(target):
                pulumi_installation.ensure(
                    target,
                    machine_choices.plugins_for(target, Workspace.of(stack).name, report),
                    report,
                )
    with TemporaryDirectory(prefix="ai-platform-plan-") as scratch:
        if base is None:
            title = "Changes to the deployed stacks"
            outcomes = [_deployed(stack, Path(scratch)) for stack in stacks]
        else:
            commit = trees.base(base)
            title = f"Changes since {trees.description(commit)}"
            outcomes = _between(commit, stacks, Path(scratch))
    terminal.show(steps.console, outcomes)
    if summary:
        command = f"make plan BASE={base}" if base else "make plan DEPLOYED=1"
        with summary.open("a") as page:
            page.write(markdown.page(title, outcomes, command))
    return all(outcome.difference for outcome in outcomes)


def _between(commit: str, stacks: Sequence[str], scratch: Path) -> list[Outcome]:
    planners = {
        side: _planner(side, tree, scratch / side)
        for side, tree in (("base", commit), ("head", trees.head()))
    }
    return [_outcome(stack, planners["base"], planners["head"]) for stack in stacks]


def _planner(side: str, tree: str, scratch: Path) -> Planner:
    with steps.step(f"The tree of the {side}") as report:
        trees.extract(tree, scratch / "tree")
        virtualenv = trees.virtualenv(scratch / "tree", scratch / "packages", report)

    def preview(stack: str) -> Plan | None:
        with steps.step(f"pulumi preview -s {stack}, {side}"):
            return from_nothing(
                stack, tree=scratch / "tree", virtualenv=virtualenv, scratch=scratch / stack
            )

    return preview


def _outcome(stack: str, base: Planner, head: Planner) -> Outcome:
    try:
        after = head(stack)
    except PreviewError as error:
        return Outcome(stack=stack, failure=str(error))
    try:
        before = base(stack)
    except PreviewError as error:
        return Outcome(stack=stack, difference=compare({}, after or {}), base_failure=str(error))
    if before is None and after is None:
        return Outcome(
            stack=stack, failure=f"neither tree has a file {Workspace.of(stack).config.name}"
        )
    return Outcome(stack=stack, difference=compare(before or {}, after or {}))


def _deployed(stack: str, scratch: Path) -> Outcome:
    try:
        with steps.step(f"pulumi preview -s {stack}"):
            preview = against_deployed(stack, scratch)
    except PreviewError as error:
        return Outcome(stack=stack, failure=str(error))
    return Outcome(stack=stack, difference=compare(preview.base, preview.head, preview.steps))
