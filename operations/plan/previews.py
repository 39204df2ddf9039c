"""Pulumi's previews of a program: with an empty state, or against the deployed state."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from operations.plan.compare import Status
from operations.plan.placeholders import without_secrets
from operations.plan.resources import Plan, plan
from operations.workspace import Workspace

# The preview must not reach a cluster, so that a plan is the same on every machine.
_NO_CLUSTER = "apiVersion: v1\nkind: Config\n"
_NO_ENGINE = "the preview of a Docker stack needs a Docker engine that answers"
_STATUS: Mapping[str, Status] = {
    "create": "created",
    "delete": "removed",
    "update": "changed",
    "replace": "replaced",
}


class PreviewError(Exception):
    """Pulumi's error when a preview fails."""


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """The deployed resources, the program's resources, and Pulumi's status of each by URN."""

    base: Plan
    head: Plan
    steps: Mapping[str, Status]


def from_nothing(stack: str, *, tree: Path, virtualenv: Path, scratch: Path) -> Plan | None:
    """The plan of a tree's stack from an empty state; None where the tree lacks the stack.

    Raises PreviewError where the preview fails.
    """
    name = Workspace.of(stack).name  # a state of its own has no organisations
    config = tree / f"Pulumi.{name}.yaml"
    if not config.exists():
        return None
    scratch.mkdir(parents=True)
    text, placeholders = without_secrets(config.read_text())
    copy = scratch / config.name
    copy.write_text(text)
    workspace = Workspace(
        stack=name,
        config=copy,
        data=scratch,
        program=tree,
        virtualenv=virtualenv,
        throw_away=True,
        environment=_without_cluster(scratch),
    )
    workspace.write_files()
    # A selection would leave a file in the user's home that names the temporary directory.
    workspace.pulumi("stack", "init", "--no-select", name, quiet=True)
    for path, value in placeholders.items():
        command = ("config", "set", "--stack", name, "--secret", "--path", path, value)
        workspace.pulumi(*command, quiet=True)
    digest = _preview(workspace)
    states = [step["newState"] for step in digest["steps"] if step.get("newState")]
    return plan(states, {f"{tree}/": "", str(tree): "."})


def against_deployed(stack: str, scratch: Path) -> Deployed:
    """The plan of this tree against the user's own backend, which must have the stack."""
    own = Workspace.of(stack)
    workspace = Workspace(
        stack=stack, config=own.config, data=own.data, environment=_without_cluster(scratch)
    )
    workspace.write_files()
    return deployed(workspace)


def deployed(workspace: Workspace, *options: str) -> Deployed:
    """The plan of a workspace, which is ready, against its state. `options` are Pulumi's. Raises
    PreviewError where the preview fails. A cluster that answers refuses what it cannot change."""
    steps = _preview(workspace, "--show-sames", *options)["steps"]
    before = plan([step["oldState"] for step in steps if step.get("oldState")])
    after = plan([step["newState"] for step in steps if step.get("newState")])
    statuses = {step["urn"]: _STATUS[step["op"]] for step in steps if step["op"] in _STATUS}
    return Deployed(
        base=before,
        head={urn: resource for urn, resource in after.items() if statuses.get(urn) != "removed"},
        steps={urn: status for urn, status in statuses.items() if urn in before or urn in after},
    )


def _without_cluster(scratch: Path) -> dict[str, str]:
    kubeconfig = scratch / "kubeconfig"
    kubeconfig.write_text(_NO_CLUSTER)
    return {"KUBECONFIG": str(kubeconfig)}


def _preview(workspace: Workspace, *options: str) -> dict[str, Any]:
    result = workspace.pulumi(
        "preview", "--json", "--stack", workspace.stack, *options, quiet=True, check=False
    )
    if result.returncode:
        raise PreviewError("\n".join(_errors(result)))
    digest: dict[str, Any] = json.loads(result.stdout)
    return digest


def _errors(failed: CompletedProcess[str]) -> Iterator[str]:
    try:
        diagnostics = json.loads(failed.stdout).get("diagnostics") or []
    except ValueError:
        diagnostics = []
    messages = [
        diagnostic["message"].strip()
        for diagnostic in diagnostics
        if diagnostic["severity"] == "error"
    ]
    text = "\n".join(messages) or f"{failed.stdout}\n{failed.stderr}".strip()
    yield text
    if re.search(r"docker (daemon|server)", text, re.IGNORECASE):
        yield _NO_ENGINE
