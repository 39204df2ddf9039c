"""The settings of a stack file, read without Pulumi."""

import json
from collections.abc import Iterator
from typing import Any

import yaml

from components.settings import Settings, load, overlay_path
from components.workload import PROJECT
from operations.workspace import Workspace

# In place of a value that only Pulumi can decrypt: nothing that is asked here needs it.
UNREADABLE = "encrypted"


def settings(workspace: Workspace) -> Settings:
    """The settings of a stack, with its overlay file; FileNotFoundError without a stack file.

    Secrets stand in it as `encrypted`.
    """
    path = workspace.config
    if not path.exists():
        raise FileNotFoundError(f"there is no stack file {path.name}: STACK names one")
    config = (yaml.safe_load(path.read_text()) or {}).get("config") or {}
    mine = {key: value for key, value in config.items() if key.startswith(f"{PROJECT}:")}
    secret = frozenset(key for key, value in mine.items() if any(_encrypted(value)))
    text = {
        key: value if isinstance(value, str) else json.dumps(_plain(value))
        for key, value in mine.items()
    }
    return load(text, secret, overlay_path(workspace.program, workspace.stack))


def _encrypted(value: Any) -> Iterator[bool]:
    if isinstance(value, dict):
        yield set(value) == {"secure"}
        for each in value.values():
            yield from _encrypted(each)
    if isinstance(value, list):
        for each in value:
            yield from _encrypted(each)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"secure"}:
            return UNREADABLE
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value
