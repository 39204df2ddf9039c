"""What the program is told: /etc/backup/config.json."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from backup.errors import BackupError

PATH = Path("/etc/backup/config.json")
CRON = re.compile(r"\S+( \S+){4}\Z")


@dataclass(frozen=True, kw_only=True)
class ServerConfig:
    host: str
    port: int
    user: str
    password_file: Path
    database: str


@dataclass(frozen=True, kw_only=True)
class Retention:
    """Any moment of so many days can be restored, and at least so many base backups stay."""

    days: int
    count: int


@dataclass(frozen=True, kw_only=True)
class OffsiteConfig:
    """A repository of restic."""

    repository: str
    region: str | None
    access_key_file: Path
    secret_key_file: Path
    passphrase_file: Path
    ca_file: Path | None
    schedule: str


@dataclass(frozen=True, kw_only=True)
class Config:
    """Schedules are the five fields of cron, in UTC."""

    server: ServerConfig
    directory: Path
    schedule: str
    drill: str | None
    retention: Retention
    offsite: OffsiteConfig | None


def load(path: Path = PATH) -> Config:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BackupError(f"{path} does not exist") from error
    except ValueError as error:
        raise BackupError(f"{path} is not JSON: {error}") from error
    section = Section(name="", values=content, path=path)
    server, retention = section.section("server"), section.section("retention")
    offsite = section.optional_section("offsite")
    return Config(
        server=ServerConfig(
            host=server.text("host"),
            port=server.number("port"),
            user=server.text("user"),
            password_file=Path(server.text("password_file")),
            database=server.text("database"),
        ),
        directory=Path(section.text("directory")),
        schedule=section.cron("schedule"),
        drill=section.cron("drill") if section.has("drill") else None,
        retention=Retention(days=retention.number("days"), count=retention.number("count")),
        offsite=bucket(offsite) if offsite else None,
    )


def bucket(section: "Section") -> OffsiteConfig:
    return OffsiteConfig(
        repository=section.text("repository"),
        region=section.text("region") if section.has("region") else None,
        access_key_file=Path(section.text("access_key_file")),
        secret_key_file=Path(section.text("secret_key_file")),
        passphrase_file=Path(section.text("passphrase_file")),
        ca_file=Path(section.text("ca_file")) if section.has("ca_file") else None,
        schedule=section.cron("schedule"),
    )


@dataclass(frozen=True, kw_only=True)
class Section:
    """One mapping of the file. Its errors name the dotted path."""

    name: str
    values: Any
    path: Path

    def has(self, key: str) -> bool:
        return self._mapping().get(key) is not None

    def text(self, key: str) -> str:
        value = self._value(key)
        if not isinstance(value, str) or not value:
            raise self._wrong(key, value, "a text")
        return value

    def number(self, key: str) -> int:
        value = self._value(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self._wrong(key, value, "a whole number from 1")
        return value

    def cron(self, key: str) -> str:
        value = self.text(key)
        if not CRON.match(value):
            raise self._wrong(key, value, "five fields of cron, such as `0 2 * * *`")
        return value

    def section(self, key: str) -> "Section":
        return Section(name=self._dotted(key), values=self._value(key), path=self.path)

    def optional_section(self, key: str) -> "Section | None":
        return self.section(key) if self.has(key) else None

    def _value(self, key: str) -> object:
        return self._mapping().get(key)

    def _mapping(self) -> Mapping[str, object]:
        if not isinstance(self.values, dict):
            raise BackupError(f"{self.path}: {self.name or 'the file'} must be a mapping")
        return cast(Mapping[str, object], self.values)

    def _dotted(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def _wrong(self, key: str, value: object, allowed: str) -> BackupError:
        shown = json.dumps(value)
        return BackupError(f"{self.path}: {self._dotted(key)} is {shown}; allowed is {allowed}")
