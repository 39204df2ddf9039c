"""What Pulumi says that a program asks for: with no state at all, or against the deployed one."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from operations.plan.compare import Status
from operations.plan.readable import without_secrets
from operations.plan.resources import Plan, plan
from operations.workspace import Workspace

# No cluster may answer: a plan says the same on every machine.
_NO_CLUSTER = "apiVersion: v1\nkind: Config\n"
_NO_ENGINE = "the preview of a Docker stack needs a Docker engine that answers"
_STATUS: Mapping[str, Status] = {
    "create": "created",
    "delete": "removed",
    "update": "changed",
    "replace": "replaced",
}


class PreviewError(Exception):
    """What Pulumi said when it could not preview."""


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """What is deployed, what the program asks for, and what Pulumi would do, by URN."""

    base: Plan
    head: Plan
    steps: Mapping[str, Status]


def from_nothing(stack: str, *, tree: Path, virtualenv: Path, scratch: Path) -> Plan | None:
    """The plan of a tree's stack in a state that is thrown away; None where it has no such stack.

    PreviewError where Pulumi cannot plan it.
    """
    config = tree / f"Pulumi.{stack}.yaml"
    if not config.exists():
        return None
    scratch.mkdir(parents=True)
    readable, secrets = without_secrets(config.read_text())
    copy = scratch / config.name
    copy.write_text(readable)
    workspace = Workspace(
        stack=stack,
        config=copy,
        data=scratch,
        program=tree,
        virtualenv=virtualenv,
        throw_away=True,
        environment=_without_cluster(scratch),
    )
    workspace.lay()
    # Selecting it would leave a file in the user's home that names a directory that is gone.
    workspace.pulumi("stack", "init", "--no-select", stack, quiet=True)
    for path, value in secrets.items():
        set_ = ("config", "set", "--stack", stack, "--secret", "--path", path, value)
        workspace.pulumi(*set_, quiet=True)
    digest = _preview(workspace)
    states = [step["newState"] for step in digest["steps"] if step.get("newState")]
    return plan(states, {f"{tree}/": "", str(tree): "."})


def against_deployed(stack: str, scratch: Path) -> Deployed:
    """The same for this tree against the user's own backend; the stack must be there."""
    own = Workspace.of(stack)
    workspace = Workspace(
        stack=stack, config=own.config, data=own.data, environment=_without_cluster(scratch)
    )
    workspace.lay()
    steps = _preview(workspace, "--show-sames")["steps"]
    before = plan([step["oldState"] for step in steps if step.get("oldState")])
    after = plan([step["newState"] for step in steps if step.get("newState")])
    said = {step["urn"]: _STATUS[step["op"]] for step in steps if step["op"] in _STATUS}
    return Deployed(
        base=before,
        head={urn: each for urn, each in after.items() if said.get(urn) != "removed"},
        steps={urn: status for urn, status in said.items() if urn in before or urn in after},
    )


def _without_cluster(scratch: Path) -> dict[str, str]:
    kubeconfig = scratch / "kubeconfig"
    kubeconfig.write_text(_NO_CLUSTER)
    return {"KUBECONFIG": str(kubeconfig)}


def _preview(workspace: Workspace, *options: str) -> dict[str, Any]:
    done = workspace.pulumi(
        "preview", "--json", "--stack", workspace.stack, *options, quiet=True, check=False
    )
    if done.returncode:
        raise PreviewError("\n".join(_complaints(done)))
    digest: dict[str, Any] = json.loads(done.stdout)
    return digest


def _complaints(failed: CompletedProcess[str]) -> Iterator[str]:
    try:
        diagnostics = json.loads(failed.stdout).get("diagnostics") or []
    except ValueError:
        diagnostics = []
    errors = [each["message"].strip() for each in diagnostics if each["severity"] == "error"]
    said = "\n".join(errors) or f"{failed.stdout}\n{failed.stderr}".strip()
    yield said
    if re.search(r"docker (daemon|server)", said, re.IGNORECASE):
        yield _NO_ENGINE
