"""Loads a stack's settings. Wrong settings are rejected with all their problems at once."""

import json
import os
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from components.addresses import PROJECT
from components.settings.explain import explain, location
from components.settings.fields import secrets_in
from components.settings.problems import Problem, SettingsError
from components.settings.stack import Settings, broken_rules

MACHINE_FILE = "AI_PLATFORM_MACHINE_FILE"
# How often wrong values are removed: a mapping may be wrong without them.
ATTEMPTS = 3


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
    *,
    stack: str = "STACK",
) -> Settings:
    """Settings from Pulumi's configuration: text by full key.

    One machine's choices take precedence: all of `overlay` for a Docker stack, and the plugins of
    the file `machine` for a stack on a cluster. Keys of other Pulumi namespaces are ignored.
    Raises SettingsError with every problem. `stack` is the stack's name in the commands that the
    problems name.
    """
    raw = _without_project(config)
    encrypted = frozenset(key.removeprefix(f"{PROJECT}:") for key in secret_keys)
    problems: list[Problem] = []
    if overlay and overlay.exists():
        if raw.get("target") == "kubernetes":
            problems.append(
                Problem(path=overlay.name, allowed="no overlay file for a Kubernetes stack")
            )
        raw = merged(raw, _read(overlay))
    if machine and machine.exists() and raw.get("target") == "kubernetes":
        raw = merged(raw, {"plugins": _read(machine).get("plugins") or {}})
    problems += _plain_secrets(raw, encrypted, stack)
    settings: Settings | None
    pruned: tuple[str, ...] = ()
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        problems += explain(error, encrypted)
        settings, pruned = _without_wrong(raw, error)
    paths = {problem.path for problem in problems}
    if settings:
        problems += [
            problem
            for problem in broken_rules(settings)
            if problem.path not in paths and not _concerns(problem, pruned)
        ]
    if problems or settings is None:
        raise SettingsError(problems)
    return settings


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """The two mappings merged at every depth. Values of `above` take precedence."""
    return {**below} | {
        key: merged(below[key], value)
        if isinstance(value, Mapping) and isinstance(below.get(key), Mapping)
        else value
        for key, value in above.items()
    }


def _without_project(config: Mapping[str, str]) -> dict[str, Any]:
    """The values of this project's keys. Pulumi passes structured values as JSON."""
    prefix = f"{PROJECT}:"
    return {
        key.removeprefix(prefix): _parsed(text)
        for key, text in config.items()
        if key.startswith(prefix)
    }


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _read(overlay: Path) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(overlay.read_text()) or {}
    except yaml.YAMLError:
        content = None
    if not isinstance(content, dict):
        problem = Problem(
            path=overlay.name, found="something else", allowed="a YAML mapping of settings"
        )
        raise SettingsError([problem])
    return content


def _plain_secrets(
    raw: Mapping[str, Any], encrypted: frozenset[str], stack: str
) -> Iterator[Problem]:
    """Secrets that the stack file has in plain text."""
    for keys in secrets_in(Settings, raw):
        if keys[0] not in encrypted:
            path = ".".join(keys)
            yield Problem(
                path=path,
                found="plain text",
                allowed=f"a secret: pulumi config set --stack {stack} --secret --path "
                f"'{PROJECT}:{path}'",
            )


def _without_wrong(
    raw: Mapping[str, Any], error: ValidationError
) -> tuple[Settings | None, tuple[str, ...]]:
    """The settings without the wrong values, so that broken rules are reported as well, and the
    paths that were removed for that."""
    pruned = deepcopy(dict(raw))
    paths: list[str] = []
    for _ in range(ATTEMPTS):
        for item in error.errors(include_url=False, include_context=False):
            keys = location(item)
            # A mapping that lacks a key is wrong as a whole.
            paths.append(".".join(_prune(pruned, keys[:-1] if item["type"] == "missing" else keys)))
        try:
            return Settings.model_validate({"target": "docker", **pruned}), tuple(paths)
        except ValidationError as remaining:
            error = remaining
    return None, tuple(paths)


def _prune(settings: dict[str, Any], keys: tuple[str, ...]) -> tuple[str, ...]:
    """Remove what is at these keys, or the nearest setting above that a mapping holds."""
    parent: Any = settings
    for depth, key in enumerate(keys):
        if depth == len(keys) - 1 or not isinstance(parent.get(key), dict):
            parent.pop(key, None)
            return keys[: depth + 1]
        parent = parent[key]
    return ()


def _concerns(problem: Problem, pruned: tuple[str, ...]) -> bool:
    """Whether a broken rule follows from a value that was removed because it was wrong."""
    return any(path == problem.path or path.startswith(f"{problem.path}.") for path in pruned)
