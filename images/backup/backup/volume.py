"""The room of the backup volume."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Room:
    size: int
    available: int


def room(path: Path) -> Room:
    status = os.statvfs(path)
    return Room(size=status.f_blocks * status.f_frsize, available=status.f_bavail * status.f_frsize)


def mebibytes(size: float) -> str:
    return f"{size / 2**20:.0f} MiB"
