"""Turns pydantic's errors into problems, in words and without the values of secrets."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from components.settings.fields import may_hold_secret, model_at
from components.settings.problems import Problem, nearest
from components.settings.stack import Settings


def explain(error: ValidationError, secret_keys: frozenset[str]) -> Iterator[Problem]:
    """A problem for each error. `secret_keys` are the root keys that Pulumi encrypts."""
    for item in error.errors(include_url=False, include_context=False):
        if item["type"] == "extra_forbidden":
            yield _unknown_key(location(item))
        else:
            yield _wrong_value(item, secret_keys)


def location(item: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys that lead to an error. An error of a mapping's key is at that key."""
    keys = tuple(str(part) for part in item["loc"])
    return keys[:-1] if keys[-1:] == ("[key]",) else keys


def _unknown_key(keys: tuple[str, ...]) -> Problem:
    names = sorted(model_at(Settings, keys[:-1]).model_fields)
    return Problem(
        path=".".join(keys),
        found="an unknown key",
        allowed=", ".join(names),
        nearest=nearest(keys[-1], names, cutoff=0.5),
    )


def _wrong_value(item: Mapping[str, Any], secret_keys: frozenset[str]) -> Problem:
    keys = location(item)
    allowed = _allowed(item["type"], item["msg"])
    value = _shown(item["input"], _hidden(keys, secret_keys))
    return Problem(
        path=".".join(keys) or "config",
        found=None if item["type"] == "missing" else value,
        allowed=allowed,
        nearest=nearest(str(item["input"]), re.findall(r"'([^']+)'", allowed), cutoff=0.5),
    )


def _hidden(keys: tuple[str, ...], secret_keys: frozenset[str]) -> bool:
    """Whether the value may be a secret, including a secret in the wrong place."""
    encrypted = bool(keys) and keys[0] in secret_keys
    return encrypted or may_hold_secret(Settings, keys)


def _shown(value: Any, hidden: bool) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    # A URL with a user before its host contains a secret, wherever it is written.
    if hidden or "@" in str(value):
        return "a value that is not shown"
    if value is None:
        return "null"
    return repr(value) if isinstance(value, str) else str(value)


def _allowed(kind: str, message: str) -> str:
    if kind == "missing":
        return "a value: it is required"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return "a mapping"
    if kind in ("float_parsing", "float_type", "int_parsing", "int_type"):
        return "a number"
    for prefix in ("Value error, ", "Input should be ", "String should "):
        message = message.removeprefix(prefix)
    return message
