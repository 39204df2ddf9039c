"""A stack's configuration: read, checked as a whole, and refused with all its problems at once."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from components.settings.models import Settings
from components.settings.problems import Problem, SettingsError, from_pydantic
from components.settings.rules import broken
from components.settings.values import mebibytes
from components.workload import PROJECT

__all__ = ["Problem", "Settings", "SettingsError", "load", "mebibytes", "overlay_path"]


def overlay_path(root: Path, stack: str) -> Path:
    """The git-ignored file with one machine's own choices for a Docker stack."""
    return root / f"overlay.{stack}.yaml"


def load(
    config: Mapping[str, str],
    secret_keys: frozenset[str] = frozenset(),
    overlay: Path | None = None,
) -> Settings:
    """Settings from Pulumi's configuration, as text by full key, with the overlay over it.

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
        raw = merged(raw, yaml.safe_load(overlay.read_text()) or {})
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        raise SettingsError([*problems, *from_pydantic(error, hidden)]) from None
    problems += _plain_secrets(raw, hidden)
    problems += broken(settings)
    if problems:
        raise SettingsError(problems)
    return settings


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
