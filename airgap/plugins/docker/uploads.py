"""Files put into a container before it starts.

They belong to root; directories that a path lacks become root's and 0755 (seen with engine 20.10).
"""

from __future__ import annotations

import base64
import io
import tarfile
import time
from pathlib import Path

from airgap.plugins.resource import Failed
from airgap.plugins.values import Properties

FILE_MODE = 0o644
PROGRAM_MODE = 0o744
"""The official plugin's modes."""


def archive(items: list[Properties]) -> bytes:
    """All uploads of a container as one tar archive, to be unpacked at its root."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for item in items:
            data = content(item)
            entry = tarfile.TarInfo(item["file"].lstrip("/"))
            entry.size, entry.mode, entry.mtime = len(data), mode(item), int(time.time())
            tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


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
