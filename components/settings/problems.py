"""What is wrong with a configuration, in words: where, what was found, what is allowed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_args

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
            nearest = get_close_matches(location[-1], known, n=1, cutoff=0.5)
            yield Problem(
                path=path,
                found="a key that nothing reads",
                allowed=", ".join(known),
                nearest=nearest[0] if nearest else None,
            )
            continue
        hidden = location[:1] and location[0] in secret_keys
        yield Problem(
            path=path or "config",
            found=None
            if item["type"] == "missing"
            else _shown(item["input"], bool(hidden) or _may_be_secret(location)),
            allowed=_allowed(item["type"], item["msg"]),
        )


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
    for prefix in ("Value error, ", "Input should be ", "String should "):
        message = message.removeprefix(prefix)
    return message


def _model_at(location: Sequence[str]) -> type[BaseModel]:
    """The model whose keys stand at this place of the configuration."""
    model: type[BaseModel] = Settings
    for part in location:
        field = model.model_fields.get(part)
        inner = next(_models_in(field.annotation), None) if field else None
        model = inner or model
    return model


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _may_be_secret(location: Sequence[str]) -> bool:
    """Whether a secret belongs here or below: one may then stand in the wrong place too."""
    field = _model_at(location[:-1]).model_fields.get(location[-1]) if location else None
    return field is not None and _holds_secret(field.annotation)


def _holds_secret(annotation: Any) -> bool:
    if annotation is SecretStr:
        return True
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return any(_holds_secret(each.annotation) for each in annotation.model_fields.values())
    return any(_holds_secret(argument) for argument in get_args(annotation))
