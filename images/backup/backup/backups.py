"""The base backups in the catalogues, from the files that Barman writes about them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from backup import engine, infos, wal
from backup.engine import Catalogue
from backup.errors import BackupError
from backup.layout import Layout

INFO = re.compile(r"^(\w+)=(.*)$", re.MULTILINE)
DONE, WAITING = "DONE", "WAITING_FOR_WALS"
UNREADABLE = "unreadable"
"""The state of a backup whose description is missing or damaged."""
STATES = {DONE: "done", WAITING: "waiting for WAL", "FAILED": "failed"}


@dataclass(frozen=True, kw_only=True)
class Backup:
    """Times are seconds since 1970. Those of a backup that is not complete are None."""

    id: str
    system: str
    state: str
    begin: float | None = None
    end: float | None = None
    size: int | None = None
    timeline: int | None = None
    begin_wal: str | None = None
    end_wal: str | None = None
    begin_lsn: int | None = None
    end_lsn: int | None = None

    @property
    def done(self) -> bool:
        return self.state == STATES[DONE]


class Backups:
    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def all(self) -> list[Backup]:
        """The backups of all catalogues, oldest first."""
        found = [one for catalogue in engine.catalogues(self._layout) for one in self.of(catalogue)]
        return sorted(found, key=lambda backup: backup.id)

    def of(self, catalogue: Catalogue) -> Iterator[Backup]:
        for folder in sorted(path for path in catalogue.base("").glob("*") if path.is_dir()):
            try:
                text = info(catalogue, folder.name).read_text(encoding="utf-8")
            except (FileNotFoundError, ValueError):
                text = ""
            yield described(folder.name, catalogue.system, text)

    def one(self, identity: str) -> Backup:
        for backup in self.all():
            if backup.id == identity:
                return backup
        raise BackupError(f"there is no backup {identity}; `backup list` shows those that exist")


def info(catalogue: Catalogue, identity: str) -> Path:
    """Barman's file about a backup."""
    return infos.of(catalogue.directory, identity)


def described(identity: str, system: str, text: str) -> Backup:
    """A backup from Barman's file about it."""
    values = dict(INFO.findall(text))
    status = values.get("status", UNREADABLE)
    backup = Backup(id=identity, system=system, state=STATES.get(status, status.lower()))
    if not backup.done:
        return backup
    try:
        return replace(
            backup,
            begin=datetime.fromisoformat(values["begin_time"]).timestamp(),
            end=datetime.fromisoformat(values["end_time"]).timestamp(),
            size=int(values["size"]),
            timeline=int(values["timeline"]),
            begin_wal=values["begin_wal"],
            end_wal=values["end_wal"],
            begin_lsn=wal.position(values["begin_xlog"]),
            end_lsn=wal.position(values["end_xlog"]),
        )
    except (KeyError, ValueError):
        return replace(backup, state=UNREADABLE)
