"""The base backups in the catalogues, as Barman lists them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from backup import engine, wal
from backup.engine import Catalogue
from backup.errors import BackupError
from backup.layout import Layout

DONE = "DONE"
COPIED = (DONE, "WAITING_FOR_WALS")
STATES = {DONE: "done", "WAITING_FOR_WALS": "waiting for WAL", "FAILED": "failed"}


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
    obsolete: bool = False
    """No longer needed for what the retention promises."""

    @property
    def done(self) -> bool:
        return self.state == STATES[DONE]


class Backups:
    """Asks Barman. What it says of a complete backup is asked once."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._details: dict[tuple[str, str], Backup] = {}

    def all(self) -> list[Backup]:
        """The backups of all catalogues, oldest first."""
        found = [
            backup for catalogue in engine.catalogues(self._layout) for backup in self.of(catalogue)
        ]
        return sorted(found, key=lambda backup: backup.id)

    def of(self, catalogue: Catalogue) -> Iterator[Backup]:
        rows = engine.answer("list-backups", catalogue.name)[catalogue.name]
        for row in sorted(rows, key=lambda row: row["backup_id"]):
            yield replace(
                self._detailed(catalogue, row["backup_id"], row["status"]),
                obsolete=row.get("retention_status") == "OBSOLETE",
            )

    def one(self, identity: str) -> Backup:
        for backup in self.all():
            if backup.id == identity:
                return backup
        raise BackupError(f"there is no backup {identity}; `backup list` shows those that exist")

    def _detailed(self, catalogue: Catalogue, identity: str, status: str) -> Backup:
        key = (catalogue.system, identity)
        if key not in self._details:
            backup = _show(catalogue, identity, status)
            if not backup.done:
                return backup
            self._details[key] = backup
        return self._details[key]


def _show(catalogue: Catalogue, identity: str, status: str) -> Backup:
    backup = Backup(id=identity, system=catalogue.system, state=STATES.get(status, status.lower()))
    if status not in COPIED:
        return backup
    shown = engine.answer("show-backup", catalogue.name, identity)[catalogue.name]
    base = shown["base_backup_information"]
    return replace(
        backup,
        begin=float(base["begin_time_timestamp"]),
        end=float(base["end_time_timestamp"]),
        size=int(base["disk_usage_bytes"]),
        timeline=int(base["timeline"]),
        begin_wal=base["begin_wal"],
        end_wal=base["end_wal"],
        begin_lsn=wal.position(base["begin_lsn"]),
        end_lsn=wal.position(base["end_lsn"]),
    )
