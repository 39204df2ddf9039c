"""The settings of a stack file, read without Pulumi."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from components.settings import Problem, Settings, SettingsError, load, machine_file, overlay_path
from components.workload import PROJECT
from operations.workspace import Workspace

# In place of a value that only Pulumi can decrypt, and valid wherever a secret may stand: nothing
# that is asked here needs it.
UNREADABLE = "https://encrypted.invalid"


def settings(workspace: Workspace) -> Settings:
    """The settings of a stack, with its overlay file. Secrets stand in it as `UNREADABLE`.

    Raises FileNotFoundError without a stack file, SettingsError for one with mistakes.
    """
    path = workspace.config
    if not path.exists():
        raise FileNotFoundError(f"there is no stack file {path.name}: STACK names one")
    mine = {
        str(key): value
        for key, value in _config(path).items()
        if str(key).startswith(f"{PROJECT}:")
    }
    encrypted = frozenset(
        path
        for key, value in mine.items()
        for path in _encrypted(value, key.removeprefix(f"{PROJECT}:"))
    )
    secret = frozenset(key for key, value in mine.items() if any(_encrypted(value, key)))
    text = {
        key: value if isinstance(value, str) else json.dumps(_plain(value), default=str)
        for key, value in mine.items()
    }
    try:
        overlay = overlay_path(workspace.program, workspace.stack)
        return load(text, secret, overlay, machine_file(workspace.variables))
    except SettingsError as error:
        raise SettingsError([_told(each, encrypted) for each in error.problems]) from None


def target(workspace: Workspace) -> str | None:
    """The target that a stack file names; None without such a file, or where it is wrong."""
    try:
        found = _config(workspace.config).get(f"{PROJECT}:target")
    except (FileNotFoundError, SettingsError):
        return None
    return found if isinstance(found, str) else None


def _config(path: Path) -> Mapping[str, Any]:
    """What stands under `config` in a stack file."""
    try:
        whole = yaml.safe_load(path.read_text()) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:  # its text may quote a secret
        mark = getattr(error, "problem_mark", None)
        place = f"{path.name}, line {mark.line + 1}" if mark else path.name
        raise _wrong(place, "what is no YAML") from None
    config = whole.get("config") or {} if isinstance(whole, dict) else None
    if not isinstance(config, dict):
        raise _wrong(path.name, "no mapping `config`")
    return config


def _wrong(path: str, found: str) -> SettingsError:
    allowed = f"config: with keys such as {PROJECT}:target below it"
    return SettingsError([Problem(path=path, found=found, allowed=allowed)])


def _encrypted(value: Any, path: str) -> Iterator[str]:
    """Where below this path something is encrypted."""
    if isinstance(value, dict) and set(value) == {"secure"}:
        yield path
    elif isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _encrypted(each, f"{path}.{key}")


def _told(problem: Problem, encrypted: frozenset[str]) -> Problem:
    """The problem; where it is with the text that stands for an encrypted value, that."""
    if problem.path not in encrypted:
        return problem
    allowed = "no secret: the Makefile's verbs ask for it, and only pulumi can decrypt it"
    return Problem(path=problem.path, found="an encrypted value", allowed=allowed)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"secure"}:
            return UNREADABLE
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value
