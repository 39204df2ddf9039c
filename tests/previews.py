"""What a preview costs beside one of the same resources in a flat program, and of an empty one."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from operations.workspace import ROOT, Workspace
from tests import flat_program
from tests.e2e.stack import output_of
from tests.timing import compare, cost

ROUNDS = 5
EMPTY = "import pulumi\n"


def measure(what: str, stack: Workspace, *, deployed: bool) -> None:
    """Print what a preview of the stack costs against the flat program and the empty one.

    The flat program has the same number of resources of each type as the stack's. Of a `deployed`
    stack it has the same state too, so that neither preview has anything to change; else both have
    everything to create. The three take turns.
    """
    exported = _exported(stack)
    resources = exported["deployment"]["resources"] if deployed else _planned(stack)
    flat = _beside(stack, "flat", flat_program.program(resources))
    if deployed:
        _import(flat, flat_program.state(exported, "flat", flat.stack))
    empty = _beside(stack, "empty", EMPTY)
    ours, theirs = _types(stack), _types(flat)
    assert ours == theirs, f"the flat program lacks {ours - theirs}, and adds {theirs - ours}"
    print(f"{what}: {ours.total()} resources beside the components")
    _preview(empty, nothing_to_change=False)
    rounds = [
        (
            cost(lambda: _preview(stack, nothing_to_change=deployed)),
            cost(lambda: _preview(flat, nothing_to_change=deployed)),
            cost(lambda: _preview(empty, nothing_to_change=False)),
        )
        for _ in range(ROUNDS)
    ]
    for position, other in enumerate(("flat program", "empty program"), start=1):
        compare(what, [each[0] for each in rounds], other, [each[position] for each in rounds])


def _preview(workspace: Workspace, *, nothing_to_change: bool) -> None:
    expected = ["--expect-no-changes"] if nothing_to_change else []
    result = workspace.pulumi(
        "preview", *expected, "--stack", workspace.stack, quiet=True, check=False
    )
    assert result.returncode == 0, output_of(result)


def _types(workspace: Workspace) -> Counter[str]:
    """How many resources of each type a preview registers, without components."""
    return Counter(each["type"] for each in _planned(workspace) if each.get("custom"))


def _planned(workspace: Workspace) -> list[dict[str, Any]]:
    """What a preview registers."""
    options = ("--json", "--show-secrets", "--show-sames", "--stack", workspace.stack)
    steps = json.loads(workspace.pulumi("preview", *options, quiet=True).stdout)["steps"]
    return [step["newState"] for step in steps]


def _exported(workspace: Workspace) -> dict[str, Any]:
    """The stack's state with its secrets in clear."""
    exported: dict[str, Any] = json.loads(
        workspace.pulumi(
            "stack", "export", "--show-secrets", "--stack", workspace.stack, quiet=True
        ).stdout
    )
    return exported


def _beside(stack: Workspace, name: str, source: str) -> Workspace:
    """A project of this source on the same machine, in the stack's own directory, with its state
    and passphrase."""
    program = stack.data / "programs" / name
    program.mkdir(parents=True, exist_ok=True)
    (program / "__main__.py").write_text(source)
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text()) | {"name": name}
    (program / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    config = program / f"Pulumi.{name}.yaml"
    config.write_text("config: {}\n")
    beside = replace(stack, stack=name, config=config, program=program, throw_away=True)
    beside.prepare()
    return beside


def _import(workspace: Workspace, state: dict[str, Any]) -> None:
    path = Path(workspace.program) / "state.json"
    path.write_text(json.dumps(state))
    workspace.pulumi("stack", "import", "--file", str(path), "--stack", workspace.stack, quiet=True)
