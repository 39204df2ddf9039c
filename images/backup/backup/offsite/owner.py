"""Whose copies the bucket has: the id of a volume is a tag of its copies.

A volume that was lost is made again with another id, and so is that of a new stack. What its
service writes at its start must not become the newest copy of the files that are to be restored.
The step that runs before the service gives the id, because a sidecar only reads the volume.
"""

import logging
import secrets
from collections.abc import Sequence
from pathlib import Path

from backup import layout
from backup.offsite.restic import OffsiteError, Snapshot

OWN = ".ai-platform"
"""The directory in a volume with its id, and with what a restore set aside."""
TAG = "owner-"

log = logging.getLogger(__name__)


class OtherVolume(OffsiteError):
    """The newest copy in the bucket is of another volume."""


def give(volume: Path) -> None:
    """Give a volume its id, once. A service starts also without one; only copies need it."""
    if _file(volume).exists():
        return
    try:
        take(volume, secrets.token_hex(8))
    except OSError as error:
        log.error("%s gets no id, so it is not copied: %s", volume, error)


def take(volume: Path, identity: str) -> None:
    """Let a volume go on with the copies of another one, of which it got the files."""
    _file(volume).parent.mkdir(mode=0o700, exist_ok=True)
    layout.replace(_file(volume), f"{identity}\n")


def read(volume: Path) -> str:
    try:
        return _file(volume).read_text().strip()
    except OSError as error:
        raise OffsiteError(
            f"{volume} has no id that can be read ({error.strerror}); it gets one when the service "
            "starts again"
        ) from None


def newest(copies: Sequence[Snapshot]) -> str | None:
    """The id of the volume of the newest one of these copies, oldest first."""
    return copies[-1].value(TAG) if copies else None


def _file(volume: Path) -> Path:
    return volume / OWN / "owner"
