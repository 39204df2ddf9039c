"""A build context: the digest that tells whether to build again, and the archive to build."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tarfile
from pathlib import Path

from airgap.plugins.docker.dockerignore import files, read_rules

DOCKERFILE_IN_ARCHIVE = ".dockerfile"
"""The name that a Dockerfile from outside the context gets in the archive."""


def digest(context: Path, dockerfile: Path) -> str:
    """A digest over names, modes and contents, made as the official plugin makes it."""
    total = hashlib.sha256()
    _add(total, "Dockerfile", "----------", dockerfile.read_bytes())
    for path, entry in files(context, read_rules(context, dockerfile)):
        mode = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode):
            continue
        _add(total, path, _mode_text(mode), _content(context / path, mode))
    return total.hexdigest()


def archive(context: Path, dockerfile: Path) -> tuple[io.BytesIO, str]:
    """The context as a tar archive that belongs to root, and the Dockerfile's path in it."""
    rules = read_rules(context, dockerfile)
    inside = _path_inside(context, dockerfile)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, _ in files(context, rules):
            if path != inside:
                tar.add(context / path, arcname=path, recursive=False, filter=_to_root)
        name = inside or DOCKERFILE_IN_ARCHIVE  # the engine needs it even when a rule leaves it out
        tar.add(dockerfile, arcname=name, recursive=False, filter=_to_root)
    buffer.seek(0)
    return buffer, name


def relative_dockerfile(context: Path, dockerfile: Path) -> str:
    """The Dockerfile's path seen from the context."""
    return os.path.relpath(dockerfile, context)


def _path_inside(context: Path, dockerfile: Path) -> str | None:
    path = relative_dockerfile(context.resolve(), dockerfile.resolve())
    return None if path.startswith("../") else path


def _add(total: hashlib._Hash, path: str, mode: str, content: bytes) -> None:
    total.update(path.encode() + mode.encode() + hashlib.sha256(content).digest() + b"\0")


def _content(path: Path, mode: int) -> bytes:
    if stat.S_ISLNK(mode):
        return str(path.resolve(strict=True)).encode()
    return path.read_bytes() if stat.S_ISREG(mode) else b""


def _mode_text(mode: int) -> str:
    """Go's spelling of a mode: letters for what is special, then the permissions."""
    special = (
        ("L" if stat.S_ISLNK(mode) else "")
        + ("p" if stat.S_ISFIFO(mode) else "")
        + ("S" if stat.S_ISSOCK(mode) else "")
        + ("u" if mode & stat.S_ISUID else "")
        + ("g" if mode & stat.S_ISGID else "")
        + ("t" if mode & stat.S_ISVTX else "")
    )
    permissions = "".join(
        letter if mode & (0o400 >> index) else "-" for index, letter in enumerate("rwxrwxrwx")
    )
    return (special or "-") + permissions


def _to_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry
