"""The cost of a preview, compared with a flat program of the same resources and an empty one."""

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


def measure(title: str, stack: Workspace, *, deployed: bool) -> None:
    """Print the cost of a preview of the stack, compared with a flat and an empty program.

    The flat program has the same number of resources of each type as the stack. For a `deployed`
    stack it also has the same state, so that neither preview has changes; otherwise both previews
    create everything. The three previews alternate.
    """
    exported = _export(stack)
    resources = exported["deployment"]["resources"] if deployed else _previewed_resources(stack)
    flat = _project(stack, "flat", flat_program.program(resources))
    if deployed:
        _import(flat, flat_program.state(exported, "flat", flat.stack))
    empty = _project(stack, "empty", EMPTY)
    ours, theirs = _types(stack), _types(flat)
    assert ours == theirs, f"the flat program lacks {ours - theirs}, and adds {theirs - ours}"
    print(f"{title}: {ours.total()} resources beside the components")
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
        compare(title, [costs[0] for costs in rounds], other, [costs[position] for costs in rounds])


def _preview(workspace: Workspace, *, nothing_to_change: bool) -> None:
    options = ["--expect-no-changes"] if nothing_to_change else []
    result = workspace.pulumi(
        "preview", *options, "--stack", workspace.stack, quiet=True, check=False
    )
    assert result.returncode == 0, output_of(result)


def _types(workspace: Workspace) -> Counter[str]:
    """The number of resources of each type in a preview, without components."""
    return Counter(
        resource["type"] for resource in _previewed_resources(workspace) if resource.get("custom")
    )


def _previewed_resources(workspace: Workspace) -> list[dict[str, Any]]:
    """The resources that a preview registers."""
    options = ("--json", "--show-secrets", "--show-sames", "--stack", workspace.stack)
    steps = json.loads(workspace.pulumi("preview", *options, quiet=True).stdout)["steps"]
    return [step["newState"] for step in steps]


def _export(workspace: Workspace) -> dict[str, Any]:
    """The stack's state with its secrets in plain text."""
    exported: dict[str, Any] = json.loads(
        workspace.pulumi(
            "stack", "export", "--show-secrets", "--stack", workspace.stack, quiet=True
        ).stdout
    )
    return exported


def _project(stack: Workspace, name: str, source: str) -> Workspace:
    """A project with this source, in the stack's directory, with its backend and passphrase."""
    program = stack.data / "programs" / name
    program.mkdir(parents=True, exist_ok=True)
    (program / "__main__.py").write_text(source)
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text()) | {"name": name}
    (program / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    config = program / f"Pulumi.{name}.yaml"
    config.write_text("config: {}\n")
    workspace = replace(stack, stack=name, config=config, program=program, throw_away=True)
    workspace.prepare()
    return workspace


def _import(workspace: Workspace, state: dict[str, Any]) -> None:
    path = Path(workspace.program) / "state.json"
    path.write_text(json.dumps(state))
    workspace.pulumi("stack", "import", "--file", str(path), "--stack", workspace.stack, quiet=True)
