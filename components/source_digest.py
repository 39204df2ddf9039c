"""Digests of an image's source, which decide when it is built again and under which tag."""

import hashlib
import json
from pathlib import Path

LEFT_BEHIND = frozenset(
    {"__pycache__", "wheels", ".DS_Store", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
)
"""What tools and the set-up step leave in a build's context: it is not source."""

TAG_LENGTH = 12


def digest(folder: Path, *more: str) -> str:
    """A digest of a folder's file names, contents and executable bits, and of `more`.

    Every file counts, also one that .dockerignore leaves out of the build: building again without
    a change costs a second and yields the same image.
    """
    whole = hashlib.sha256(json.dumps(more).encode())
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and LEFT_BEHIND.isdisjoint(name.parts):
            executable = bool(path.stat().st_mode & 0o100)
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            whole.update(json.dumps([name.as_posix(), executable, content]).encode())
    return whole.hexdigest()


def tag(source: str, base: str, platform: str) -> str:
    """The tag of an image by its source's digest, its base's reference and its platform."""
    whole = hashlib.sha256(json.dumps([source, base, platform]).encode())
    return whole.hexdigest()[:TAG_LENGTH]
