"""Settings from the environment: the variable NAME, or a file that NAME_FILE names."""

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
    """The settings of every service. The variable SOME_NAME sets the field `some_name`."""

    model_config = ConfigDict(frozen=True)

    environment: str = "production"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    version: str = "dev"
    api_token: SecretStr


Settings = TypeVar("Settings", bound=CommonSettings)


class SettingsError(Exception):
    """All problems of the environment, one per line, without any values."""


def start(model: type[Settings]) -> Settings:
    """Configure logs and return the settings. If these are invalid, log all problems and exit."""
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
    """Return the settings, or raise SettingsError. An empty variable or file counts as missing."""
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
