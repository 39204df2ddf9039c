"""The volumes of the server in a stack's state: which versions they have, and how one is let go."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from components.addresses import PROJECT
from components.data import builtin
from components.data.connection import TIER
from components.settings import Settings, of_version
from components.targets import formats
from operations import state_repair, steps
from operations.workspace import Workspace

State = Mapping[str, Any]
KINDS = ("Volume", "PersistentVolumeClaim")
SERVER = builtin.SERVER.workload


def present(workspace: Workspace) -> dict[str, int]:
    """The version of each volume of the server that the state has, by the volume's name."""
    outputs = {
        urn: resource.get("outputs") or {} for urn, resource in workspace.resources().items()
    }
    prefix = builtin.FORMAT
    return {
        stored: int(readable.removeprefix(prefix))
        for stored, readable in formats.remembered(outputs).items()
        if readable.startswith(prefix)
    }


def readable(version: int) -> str:
    """The format of the data of a version."""
    return f"{builtin.FORMAT}{version}"


def stored_as(settings: Settings, version: int) -> str:
    """The name of the volume with data of this version."""
    return builtin.volume(of_version(settings, version)).stored_as


def let_go(exported: State, volume: str, then: Mapping[str, str]) -> dict[str, Any]:
    """The exported state without a volume, which stays on its target. The tier remembers the
    formats `then` of volumes, by their names."""
    names = {volume, f"volume-{volume}"}
    urns = {
        resource["urn"]
        for resource in exported["deployment"]["resources"]
        if resource["type"].rpartition(":")[2] in KINDS
        and resource["urn"].rpartition("::")[2] in names
    }
    changed = state_repair.without(exported, urns)
    for resource in changed["deployment"]["resources"]:
        if (resource["type"].partition(":")[0], resource["urn"].rpartition("::")[2]) == (
            PROJECT,
            TIER,
        ):
            resource["outputs"] = {**(resource.get("outputs") or {}), formats.OUTPUT: dict(then)}
    return changed


def change_state(workspace: Workspace, change: Callable[[State], State]) -> None:
    """Change the state at once, and keep a copy of the previous one."""
    before = workspace.pulumi("stack", "export", "--stack", workspace.stack, quiet=True).stdout
    copy = workspace.directory / f"state-before-{datetime.now(UTC):%Y%m%dT%H%M%S}.json"
    after = workspace.directory / "state-after.json"
    for path, text in ((copy, before), (after, json.dumps(change(json.loads(before))))):
        path.touch(mode=0o600)
        path.write_text(text)
    workspace.pulumi(
        *("stack", "import", "--stack", workspace.stack, "--file", str(after)), quiet=True
    )
    after.unlink()
    steps.console.print(f"  The previous state: {copy}", markup=False, soft_wrap=True)
