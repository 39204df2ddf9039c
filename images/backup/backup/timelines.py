"""Timelines: each restore begins a new one, and a moment of the past belongs to one of them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from backup import wal
from backup.backups import Backup
from backup.engine import Catalogue

HISTORY = re.compile(r"([0-9A-F]{8})\.history\Z")
FIRST = 1


@dataclass(frozen=True, kw_only=True)
class Fork:
    """Where a timeline ends and the next one begins."""

    timeline: int
    position: int


@dataclass(frozen=True, kw_only=True)
class Timeline:
    number: int
    since: float
    """When its WAL began to arrive."""
    forks: Sequence[Fork]
    """The end of each of its ancestors, the oldest first."""

    def has(self, backup: Backup) -> bool:
        """Whether WAL of this timeline continues that backup."""
        if backup.timeline == self.number:
            return True
        return any(
            fork.timeline == backup.timeline
            and backup.end_lsn is not None
            and backup.end_lsn <= fork.position
            for fork in self.forks
        )


def forks(history: str) -> list[Fork]:
    """The content of a history file."""
    rows = (line.split() for line in history.splitlines() if not line.lstrip().startswith("#"))
    return [
        Fork(timeline=int(row[0]), position=wal.position(row[1])) for row in rows if len(row) >= 2
    ]


def all_of(catalogue: Catalogue) -> list[Timeline]:
    """The timelines of which something was received, by their numbers."""
    first = Timeline(number=FIRST, since=0.0, forks=())
    found = {FIRST: first} | {one.number: one for one in _later(catalogue)}
    return [found[number] for number in sorted(found)]


def of(catalogue: Catalogue, backup: Backup) -> Timeline:
    return next(one for one in all_of(catalogue) if one.number == (backup.timeline or FIRST))


def at(catalogue: Catalogue, moment: float) -> Timeline:
    """The timeline on which the server was at this moment."""
    began = [one for one in all_of(catalogue) if one.since <= moment]
    return max(began, key=lambda one: (one.since, one.number))


def current(catalogue: Catalogue) -> Timeline:
    """The timeline whose WAL came last."""
    known = {one.number: one for one in all_of(catalogue)}
    numbers = [wal.timeline(path.name) for path in _files(catalogue.streaming)]
    newest = max((number for number in numbers if number in known), default=max(known))
    return known[newest]


def _later(catalogue: Catalogue) -> Iterable[Timeline]:
    for folder in (catalogue.wals, catalogue.streaming):
        for path in _files(folder):
            match = HISTORY.match(path.name)
            if match:
                yield Timeline(
                    number=int(match[1], 16),
                    since=path.stat().st_mtime,
                    forks=forks(path.read_text(encoding="utf-8")),
                )


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []
