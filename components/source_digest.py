"""Digests of an image's source, which decide when it is built again and under which tag."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from components import dockerfile

LEFT_BEHIND = frozenset(
    {"__pycache__", "wheels", ".DS_Store", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
)
"""Names of what tools and the set-up step create in a build context. It is not source."""

TAG_LENGTH = 12


def digest(folder: Path, *more: str) -> str:
    """A digest of a folder's file names, contents and executable bits, and of `more`."""
    return _digest(folder, _files(folder), *more)


def image_digest(context: Path, recipe: str) -> str:
    """A digest of what one Dockerfile of a context copies from there, and of the Dockerfile itself.

    Images that share a context have different digests. A file that .dockerignore leaves out counts
    if its directory is copied: building again without a change costs a second and yields the same
    image.
    """
    path = context / recipe
    sources = dockerfile.sources(path.read_text(encoding="utf-8", errors="replace"))
    ignored = (context / ".dockerignore", path.with_name(f"{path.name}.dockerignore"))
    copied = (root for source in sources for root in _matches(context, source))
    return _digest(context, (file for root in (path, *ignored, *copied) for file in _files(root)))


def tag(source: str, base: str, platform: str) -> str:
    """The tag of an image by its source's digest, its base's reference and its platform."""
    hasher = hashlib.sha256(json.dumps([source, base, platform]).encode())
    return hasher.hexdigest()[:TAG_LENGTH]


def _digest(folder: Path, files: Iterable[Path], *more: str) -> str:
    hasher = hashlib.sha256(json.dumps(more).encode())
    for path in sorted(set(files)):
        name = path.relative_to(folder)
        if LEFT_BEHIND.isdisjoint(name.parts):
            executable = bool(path.stat().st_mode & 0o100)
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            hasher.update(json.dumps([name.as_posix(), executable, content]).encode())
    return hasher.hexdigest()


def _matches(context: Path, source: str) -> Iterable[Path]:
    return [context] if source == "." else context.glob(source)


def _files(root: Path) -> Iterator[Path]:
    """The file itself, or the files below the directory; nothing if the path does not exist."""
    for path in (root, *root.rglob("*")):
        if path.is_file():
            yield path
