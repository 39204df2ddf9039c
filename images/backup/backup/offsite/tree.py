"""What a snapshot is made of: a tree of hard links, which stays as it is while restic reads it.

Barman goes on meanwhile: it moves segments of the write-ahead log, and removes what is too old. A
link takes no room and no time, and keeps its file. Nothing in a catalogue is written again but the
last, unfinished segment, which a server reads up to its last whole record.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from backup import infos

DONE = "status=DONE"
PIECE = 1 << 30
"""Bytes of a base backup in one snapshot. The log is sent between two pieces, so that a large base
backup does not hold it up."""


def complete(catalogue: Path) -> list[str]:
    """The ids of the base backups that are complete, oldest first."""
    ids = []
    for identity, info in infos.present(catalogue).items():
        try:
            if DONE in info.read_text().splitlines():
                ids.append(identity)
        except FileNotFoundError:
            continue  # it was just removed
    return ids


def link_log(catalogue: Path, tree: Path) -> None:
    """Everything but the data of base backups.

    The unfinished segment comes first: a segment that is finished meanwhile is then in both places
    and never in none.
    """
    _empty(tree)
    for backup in complete(catalogue):
        # Barman writes this file in place, so a link would change while it is read.
        info = infos.of(catalogue, backup)
        copy = tree / info.relative_to(catalogue)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(info, copy)
    for folder in ("streaming", "wals"):
        (tree / folder).mkdir()
        for path in _files(catalogue / folder):
            _link(path, tree / path.relative_to(catalogue))


def pieces(catalogue: Path, backup: str, size: int = PIECE) -> list[list[Path]]:
    """The files of a base backup, relative to the catalogue, in pieces of about this size."""
    result: list[list[Path]] = [[]]
    room = size
    for path in _files(catalogue / "base" / backup):
        length = path.lstat().st_size
        if result[-1] and length > room:
            result.append([])
            room = size
        result[-1].append(path.relative_to(catalogue))
        room -= length
    return result


def link_piece(catalogue: Path, backup: str, files: list[Path], tree: Path) -> None:
    """One piece of a base backup, with all of its directories, because some are empty."""
    _empty(tree)
    for folder, _, _ in os.walk(catalogue / "base" / backup):
        path = tree / Path(folder).relative_to(catalogue)
        path.mkdir(parents=True)
        shutil.copystat(folder, path)
    for file in files:
        os.link(catalogue / file, tree / file, follow_symlinks=False)


def remove(tree: Path) -> None:
    """Remove a tree, and what a killed run left of it."""
    if tree.exists():
        shutil.rmtree(tree)


def _files(folder: Path) -> Iterator[Path]:
    """Files and links below a directory, in a fixed order."""
    for current, folders, names in os.walk(folder):
        folders.sort()
        links = [name for name in folders if (Path(current) / name).is_symlink()]
        yield from (Path(current) / name for name in sorted([*names, *links]))


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):  # Barman moved or removed it
        os.link(source, target, follow_symlinks=False)


def _empty(tree: Path) -> None:
    remove(tree)
    tree.mkdir(mode=0o700, parents=True)
