"""Turns pydantic's errors into problems, in words and without the values of secrets."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from components.settings.fields import may_hold_secret, model_at
from components.settings.problems import Problem, nearest
from components.settings.replaced import replacement
from components.settings.stack import Settings

# Pydantic's name for one of several types that a value may have, in the place of a key.
_ALTERNATIVE = re.compile(r"(literal|list|function-\w+)\[.+\]")


def explain(error: ValidationError, secret_keys: frozenset[str]) -> list[Problem]:
    """A problem for each wrong setting. `secret_keys` are the root keys that Pulumi encrypts."""
    problems: dict[str, Problem] = {}
    for item in error.errors(include_url=False, include_context=False):
        if item["type"] == "extra_forbidden":
            problem = _unknown_key(location(item))
        else:
            problem = _wrong_value(item, secret_keys)
        same = problems.get(problem.path)
        if same:  # a value of none of the types that it may have
            problem = replace(same, allowed=f"{same.allowed}, or {problem.allowed}")
        problems[problem.path] = problem
    return list(problems.values())


def location(item: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys that lead to an error. An error of a mapping's key is at that key."""
    keys = tuple(str(part) for part in item["loc"])
    keys = keys[:-1] if keys[-1:] == ("[key]",) else keys
    return tuple(key for key in keys if not _ALTERNATIVE.fullmatch(key))


def _unknown_key(keys: tuple[str, ...]) -> Problem:
    instead = replacement(keys)
    if instead:
        return Problem(path=".".join(keys), found="an unknown key", allowed=instead)
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
    if hidden or "@" in str(value)[1:]:
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
    if kind == "list_type":
        return "a list, such as `[one, two]`"
    if kind == "string_type":
        return "text, in quotes if it looks like a number"
    if kind in ("bool_parsing", "bool_type"):
        return "true or false"
    for prefix in ("Value error, ", "Input should be ", "String should "):
        message = message.removeprefix(prefix)
    return message
