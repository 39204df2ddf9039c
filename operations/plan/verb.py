"""`make plan`: what this tree changes in each stack, with no cluster and no secret."""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from operations import choice, programs, stack_file, steps
from operations.plan import markdown, terminal, trees
from operations.plan.compare import compare
from operations.plan.outcome import Outcome
from operations.plan.previews import PreviewError, against_deployed, from_nothing
from operations.plan.resources import Plan
from operations.workspace import Workspace

Planner = Callable[[str], Plan | None]
"""Plans a stack of one of the two trees, if that has it."""


def plan(base: str | None, stacks: Sequence[str], summary: Path | None) -> bool:
    """Print what changes, and append it to `summary`; False where a stack cannot be planned.

    Compared is the tree as it is with the commit that it grew from on `base`, or, with None, with
    what is deployed.
    """
    with steps.step("Pulumi") as report:
        by_target = {stack_file.target(Workspace.of(stack)): stack for stack in stacks}
        for target in ("docker", "kubernetes"):
            if stack := by_target.get(target):
                programs.ensure(target, choice.plugins_for(target, stack, report), report)
    with TemporaryDirectory(prefix="ai-platform-plan-") as scratch:
        if base is None:
            title = "What this changes in what is deployed"
            outcomes = [_deployed(stack, Path(scratch)) for stack in stacks]
        else:
            commit = trees.base(base)
            title = f"What this changes since {trees.described(commit)}"
            outcomes = _between(commit, stacks, Path(scratch))
    terminal.show(steps.console, outcomes)
    if summary:
        how = f"make plan BASE={base}" if base else "make plan DEPLOYED=1"
        with summary.open("a") as page:
            page.write(markdown.page(title, outcomes, how))
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

    def planned(stack: str) -> Plan | None:
        with steps.step(f"pulumi preview -s {stack}, {side}"):
            return from_nothing(
                stack, tree=scratch / "tree", virtualenv=virtualenv, scratch=scratch / stack
            )

    return planned


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
        return Outcome(stack=stack, failure=f"neither tree has a file Pulumi.{stack}.yaml")
    return Outcome(stack=stack, difference=compare(before or {}, after or {}))


def _deployed(stack: str, scratch: Path) -> Outcome:
    try:
        with steps.step(f"pulumi preview -s {stack}"):
            found = against_deployed(stack, scratch)
    except PreviewError as error:
        return Outcome(stack=stack, failure=str(error))
    return Outcome(stack=stack, difference=compare(found.base, found.head, found.steps))
