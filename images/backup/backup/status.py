"""What `backup list` shows and the metrics are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backup import restore, volume
from backup.archiving import State
from backup.backups import Backup
from backup.context import Context
from backup.layout import RESTORE_PORT
from backup.moments import optional_text, text
from backup.offsite import backups as offsite
from backup.records import Outcome, Records
from backup.restore import Restore
from backup.volume import Room

STOPPED = State(state="stopped", reason="`backup serve` does not run")


@dataclass(frozen=True, kw_only=True)
class Status:
    backups: Sequence[Backup]
    records: Records
    archiving: State
    restore: Restore | None
    room: Room
    offsite_complete: float | None = None
    """The bucket has everything up to this moment."""

    @property
    def newest(self) -> Backup | None:
        """The newest complete backup of the server whose WAL is archived."""
        done = [one for one in self.backups if one.done and one.system == self.records.system]
        return done[-1] if done else None

    @property
    def window(self) -> tuple[float, float] | None:
        """The moments that can be restored without a gap, up to now or nearly so."""
        since = self.records.gap or 0.0
        ends = [
            one.end
            for one in self.backups
            if one.done
            and one.end
            and one.begin
            and one.system == self.records.system
            and one.begin >= since
        ]
        if not ends:
            return None
        return min(ends), max(self.archiving.caught_up or 0.0, max(ends))


def status(context: Context, archiving: State) -> Status:
    return Status(
        backups=context.backups.all(),
        records=context.records.read(),
        archiving=archiving,
        restore=restore.current(context.layout),
        room=volume.room(context.layout.directory),
        offsite_complete=offsite.state(context.layout).complete,
    )


def document(found: Status) -> dict[str, Any]:
    window = found.window
    records = found.records
    drill, offsite, open_restore = records.drill, records.offsite, found.restore
    return {
        "backups": [shown(one, records) for one in found.backups],
        "window": {"from": text(window[0]), "to": text(window[1])} if window else None,
        "archiving": {
            "state": found.archiving.state,
            "reason": found.archiving.reason,
            "lag_bytes": found.archiving.lag_bytes,
        },
        "drill": {**_outcome(drill), "backup": drill.backup} if drill else None,
        "offsite": _outcome(offsite) if offsite else None,
        "volume": {"size": found.room.size, "available": found.room.available},
        "restore": {"id": open_restore.id, "target": open_restore.target, "port": RESTORE_PORT}
        if open_restore
        else None,
    }


def shown(backup: Backup, records: Records) -> dict[str, Any]:
    return {
        "id": backup.id,
        "begin": optional_text(backup.begin),
        "end": optional_text(backup.end),
        "size": backup.size,
        "wal": backup.end_wal,
        "state": backup.state,
        "verified": optional_text(records.verified.get(backup.id)),
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {"at": text(outcome.at), "ok": outcome.ok, "reason": outcome.reason}
