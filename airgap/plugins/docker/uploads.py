"""Files put into a container before it starts. They belong to root."""

from __future__ import annotations

import base64
import io
import tarfile
import time
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from airgap.plugins.resource import Failed
from airgap.plugins.values import Properties

if TYPE_CHECKING:
    from docker import APIClient

DIRECTORY_MODE = 0o755
FILE_MODE = 0o644
PROGRAM_MODE = 0o744
"""The official plugin's modes."""


def upload(client: APIClient, container: str, item: Properties) -> None:
    """Put one file in place; directories that its path lacks are made, root's and 0755.

    The engine would make missing directories itself, writable by everyone (seen with 20.10), so the
    archive names them: it goes to the nearest directory that exists.
    """
    from docker.errors import NotFound

    path, data = PurePosixPath("/") / item["file"], content(item)
    for parent in path.parents:
        try:
            client.put_archive(
                container, str(parent), archive(path.relative_to(parent), data, mode(item))
            )
            return
        except NotFound:
            continue
    raise Failed(f"Unable to upload volume content: no directory for {path}")


def content(item: Properties) -> bytes:
    """The file's bytes, from the one of three properties that is set."""
    given = [name for name in ("content", "contentBase64", "source") if item.get(name)]
    if len(given) != 1:
        rule = "one of them must be set" if not given else "only one of them can be set"
        raise Failed(f"error with upload content: 'content', 'contentBase64', 'source': {rule}")
    if "content" in given:
        return str(item["content"]).encode()
    if "contentBase64" in given:
        return base64.b64decode(item["contentBase64"])
    try:
        return Path(item["source"]).read_bytes()
    except OSError as error:
        raise Failed(f"could not read file: {error}") from error


def mode(item: Properties) -> int:
    if item.get("permissions"):
        return int(item["permissions"], 8)
    return PROGRAM_MODE if item.get("executable") else FILE_MODE


def archive(path: PurePosixPath, data: bytes, file_mode: int) -> bytes:
    """A tar archive of one file and the directories above it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for directory in reversed(path.parents[:-1]):
            entry = tarfile.TarInfo(str(directory))
            entry.type, entry.mode, entry.mtime = tarfile.DIRTYPE, DIRECTORY_MODE, int(time.time())
            tar.addfile(entry)
        entry = tarfile.TarInfo(str(path))
        entry.size, entry.mode, entry.mtime = len(data), file_mode, int(time.time())
        tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()
