"""Which copies of a service's files are to be brought back: the backup part keeps the requests.

A service's pod asks for them before it starts, so nothing needs to reach into the pod.
"""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from backup import layout
from backup.config import OffsiteConfig
from backup.errors import BackupError
from backup.layout import Layout
from backup.offsite.files import VOLUME
from backup.offsite.keep import grouped
from backup.offsite.restic import Repository, Snapshot

SERVICE = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?\Z")


@dataclass(frozen=True, kw_only=True)
class Request:
    """`copies` are ids of snapshots, by the volume's name."""

    id: str
    copies: Mapping[str, str]

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Request":
        return cls(id=str(content["id"]), copies=dict(content["copies"]))


def repository(config: OffsiteConfig, service: str) -> Repository:
    """The repository of a service's files, beside that of the backups."""
    parent = config.repository.rpartition("/")[0]
    return Repository(replace(config, repository=f"{parent}/files/{_checked(service)}"))


def copies(repository: Repository) -> dict[str, list[Snapshot]]:
    """The copies of each volume, oldest first."""
    return grouped(repository.snapshots(), lambda one: one.value(VOLUME))


def write(
    places: Layout, config: OffsiteConfig, service: str, at: datetime | None
) -> tuple[Request, dict[str, Snapshot]]:
    """Ask for the newest copies, or those that were the newest at a moment."""
    chosen: dict[str, Snapshot] = {}
    for volume, snapshots in copies(repository(config, service)).items():
        fitting = [one for one in snapshots if at is None or one.time <= at]
        if fitting:
            chosen[volume] = fitting[-1]
    if not chosen:
        when = f" from {at:%Y-%m-%d %H:%M:%S} UTC or before" if at else ""
        raise BackupError(f"the bucket has no copy of the files of {service}{when}")
    request = Request(
        id=secrets.token_hex(8), copies={name: one.id for name, one in chosen.items()}
    )
    path = _path(places, service)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    layout.replace(path, json.dumps(asdict(request)) + "\n")
    return request, chosen


def discard(places: Layout, service: str) -> None:
    _path(places, service).unlink(missing_ok=True)


def read(places: Layout, service: str) -> bytes | None:
    """The request of a service, as its pod reads it."""
    if not SERVICE.match(service):
        return None
    try:
        return _path(places, service).read_bytes()
    except FileNotFoundError:
        return None


def _path(places: Layout, service: str) -> Path:
    return places.directory / "requests" / f"{_checked(service)}.json"


def _checked(service: str) -> str:
    if not SERVICE.match(service):
        raise BackupError(f"`{service}` is not the name of a service")
    return service
