"""Settings from the environment: a variable NAME, or a file that NAME_FILE names."""

import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from service import logs

log = logging.getLogger(__name__)


class CommonSettings(BaseModel):
    """What each service lets the environment set. The field `some_name` is SOME_NAME there."""

    model_config = ConfigDict(frozen=True)

    environment: str = "production"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    version: str = "dev"
    api_token: SecretStr


Settings = TypeVar("Settings", bound=CommonSettings)


class SettingsError(Exception):
    """All that is wrong with the environment, one line each; never a value."""


def start(model: type[Settings]) -> Settings:
    """Settings of this process, with logs set up; if they are wrong, says all why and exits."""
    logs.configure("INFO")
    try:
        settings = load(model, os.environ)
    except SettingsError as error:
        for problem in str(error).splitlines():
            log.critical(problem)
        sys.exit(1)
    logs.configure(settings.log_level)
    return settings


def load(model: type[Settings], environ: Mapping[str, str]) -> Settings:
    """Raises SettingsError. An empty variable or file counts as missing."""
    values: dict[str, str] = {}
    problems: dict[str, str] = {}
    for field in model.model_fields:
        name = field.upper()
        try:
            value = _read(name, environ)
        except SettingsError as problem:
            problems[field] = str(problem)
            continue
        if value:
            values[field] = value
    try:
        settings = model.model_validate(values)
    except ValidationError as error:
        for item in error.errors(include_input=False, include_url=False):
            field = str(item["loc"][0])
            problems.setdefault(field, _sentence(field, item["type"], item["msg"]))
    if problems:
        raise SettingsError("\n".join(problems.values()))
    return settings


def _read(name: str, environ: Mapping[str, str]) -> str | None:
    file = environ.get(f"{name}_FILE")
    if not file:
        return environ.get(name)
    if environ.get(name):
        raise SettingsError(f"{name} and {name}_FILE are both set: keep one of them")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise SettingsError(f"{name}_FILE: cannot read {file}: {reason}") from error


def _sentence(field: str, kind: str, message: str) -> str:
    name = field.upper()
    if kind == "missing":
        return f"{name} is missing: set {name}, or {name}_FILE to a file that holds it"
    return f"{name}: {message}"
