"""What is wrong with a configuration, in words: where, what was found, what is allowed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError

from components.settings.models import Settings


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One wrong setting. `found` is None where showing it could show a secret."""

    path: str
    allowed: str
    found: str | None = None
    nearest: str | None = None

    def __str__(self) -> str:
        lines = [self.path]
        if self.found is not None:
            lines.append(f"  found    {self.found}")
        lines.append(f"  allowed  {self.allowed}")
        if self.nearest:
            lines.append(f"  nearest  {self.nearest}")
        return "\n".join(lines)


class SettingsError(Exception):
    """Every problem of a configuration at once. Nothing was changed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = f"{len(self.problems)} wrong setting{'s' if len(self.problems) > 1 else ''}"
        body = "\n".join(str(problem) for problem in self.problems)
        super().__init__(
            f"{count}; nothing was changed. docs/configuration.md has every key.\n\n{body}"
        )


def from_pydantic(error: ValidationError, secret_keys: frozenset[str]) -> Iterator[Problem]:
    """The problems that pydantic found, without the values of secrets."""
    for item in error.errors(include_url=False, include_context=False):
        location = place(item)
        path = ".".join(location)
        if item["type"] == "extra_forbidden":
            known = sorted(_model_at(location[:-1]).model_fields)
            yield Problem(
                path=path,
                found="a key that nothing reads",
                allowed=", ".join(known),
                nearest=_nearest(location[-1], known),
            )
            continue
        secret = location[:1] and location[0] in secret_keys
        allowed = _allowed(item["type"], item["msg"])
        yield Problem(
            path=path or "config",
            found=None
            if item["type"] == "missing"
            else _shown(item["input"], bool(secret) or _may_be_secret(location)),
            allowed=allowed,
            nearest=_nearest(item["input"], re.findall(r"'([^']+)'", allowed)),
        )


def _nearest(found: Any, known: Sequence[str]) -> str | None:
    """The known word that was probably meant."""
    return next(iter(get_close_matches(str(found), known, n=1, cutoff=0.5)), None)


def place(item: Mapping[str, Any]) -> tuple[str, ...]:
    """Where a problem of pydantic's stands; of a mapping's key, at the key itself."""
    location = tuple(str(part) for part in item["loc"])
    return location[:-1] if location[-1:] == ("[key]",) else location


def _shown(value: Any, hidden: bool) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    # A URL with a user before its host is a secret wherever it stands.
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
    for prefix in ("Value error, ", "Input should be ", "String should "):
        message = message.removeprefix(prefix)
    return message


def _model_at(location: Sequence[str]) -> type[BaseModel]:
    """The model whose keys stand at this place of the configuration."""
    annotation: Any = Settings
    for part in location:
        annotation = _below(annotation, part)
    return next(_models_in(annotation), Settings)


def _below(annotation: Any, key: str) -> Any:
    """How a value is annotated that stands under a key of one annotated so; None if unknown."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(key)
        return field.annotation if field else None
    arguments = get_args(annotation)
    if get_origin(annotation) in (dict, list):  # any key; a list's are numbers
        return arguments[-1]
    return next(filter(None, (_below(each, key) for each in arguments)), None)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _may_be_secret(location: Sequence[str]) -> bool:
    """Whether a secret belongs here or below, or its name does: one may stand there instead."""
    if "credentials" in location:
        return True
    field = _model_at(location[:-1]).model_fields.get(location[-1]) if location else None
    return field is not None and _holds_secret(field.annotation)


def _holds_secret(annotation: Any) -> bool:
    if annotation is SecretStr:
        return True
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return any(_holds_secret(each.annotation) for each in annotation.model_fields.values())
    return any(_holds_secret(argument) for argument in get_args(annotation))
