"""A stack's configuration: read, checked as a whole, and refused with all its problems at once."""

import json
import os
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from components.settings.models import Settings
from components.settings.problems import Problem, SettingsError, from_pydantic, place
from components.settings.rules import broken
from components.settings.values import mebibytes, revealed, url_port
from components.workload import PROJECT

__all__ = [
    "MACHINE_FILE",
    "Problem",
    "Settings",
    "SettingsError",
    "load",
    "machine_file",
    "mebibytes",
    "overlay_path",
    "revealed",
    "url_port",
]


MACHINE_FILE = "AI_PLATFORM_MACHINE_FILE"


def overlay_path(root: Path, stack: str) -> Path:
    """The git-ignored file with one machine's own choices for a Docker stack."""
    return root / f"overlay.{stack}.yaml"


def machine_file(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The file with this machine's choices for stacks on clusters; `make env` names it."""
    path = environment.get(MACHINE_FILE)
    return Path(path) if path else None


def load(
    config: Mapping[str, str],
    secret_keys: frozenset[str] = frozenset(),
    overlay: Path | None = None,
    machine: Path | None = None,
) -> Settings:
    """Settings from Pulumi's configuration, as text by full key, with one machine's choices over
    them: `overlay` for a Docker stack, and of the file `machine` the plugins for one on a cluster.

    Raises SettingsError with every problem. Keys of other Pulumi namespaces are left alone.
    """
    prefix = f"{PROJECT}:"
    raw = {
        key.removeprefix(prefix): _parsed(text)
        for key, text in config.items()
        if key.startswith(prefix)
    }
    hidden = frozenset(key.removeprefix(prefix) for key in secret_keys)
    problems: list[Problem] = []
    if overlay and overlay.exists():
        if raw.get("target") == "kubernetes":
            problems.append(
                Problem(path=overlay.name, allowed="no overlay file for a Kubernetes stack")
            )
        raw = merged(raw, _read(overlay))
    if machine and machine.exists() and raw.get("target") == "kubernetes":
        raw = merged(raw, {"plugins": _read(machine).get("plugins") or {}})
    problems += _plain_secrets(raw, hidden)
    settings = None
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        problems += from_pydantic(error, hidden)
        settings = _without_wrong(raw, error)
    said = {problem.path for problem in problems}
    problems += [each for each in broken(settings) if each.path not in said] if settings else []
    if problems or settings is None:
        raise SettingsError(problems)
    return settings


def _read(overlay: Path) -> Mapping[str, Any]:
    try:
        plain = yaml.safe_load(overlay.read_text()) or {}
    except yaml.YAMLError:
        plain = None
    if not isinstance(plain, dict):
        raise SettingsError(
            [
                Problem(
                    path=overlay.name, found="no such thing", allowed="a YAML mapping of settings"
                )
            ]
        )
    return plain


def _without_wrong(raw: Mapping[str, Any], error: ValidationError) -> Settings | None:
    """The settings as if the wrong ones were not given, so that broken rules show beside them."""
    pruned = deepcopy(dict(raw))
    for item in error.errors(include_url=False, include_context=False):
        location = place(item)
        holder = _at(pruned, location[:-1])
        if location and isinstance(holder, dict):
            holder.pop(location[-1], None)
    try:
        return Settings.model_validate({"target": "docker", **pruned})
    except ValidationError:
        return None


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`above` over `below`, mapping by mapping."""
    return {**below} | {
        key: merged(below[key], value)
        if isinstance(value, Mapping) and isinstance(below.get(key), Mapping)
        else value
        for key, value in above.items()
    }


def _parsed(text: str) -> Any:
    """Pulumi hands structured values over as JSON and plain ones as text."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


_SECRET_SETTINGS = (
    ("registry", "password"),
    ("data", "external", "password"),
    ("cache", "external", "password"),
    ("observability", "receiver", "webhook", "url"),
    ("observability", "receiver", "mail", "password"),
)


def _plain_secrets(raw: Mapping[str, Any], hidden: frozenset[str]) -> list[Problem]:
    """Secrets that stand in the stack file as plain text."""
    return [
        Problem(
            path=".".join(path),
            found="plain text",
            allowed="a secret: pulumi config set --secret --path "
            f"'{PROJECT}:{path[0]}.{'.'.join(path[1:])}'",
        )
        for path in _SECRET_SETTINGS
        if path[0] not in hidden and _at(raw, path)
    ]


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
