"""What `backup list` shows and the metrics are made of."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

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

log = logging.getLogger(__name__)

Value = TypeVar("Value")

STOPPED = State(state="stopped", reason="`backup serve` does not run")


@dataclass(frozen=True, kw_only=True)
class Status:
    """What cannot be read is None."""

    backups: Sequence[Backup] | None
    records: Records
    archiving: State
    restore: Restore | None
    restore_begun: bool
    room: Room | None
    offsite_complete: float | None = None
    """The bucket has everything up to this moment."""

    @property
    def newest(self) -> Backup | None:
        """The newest complete backup of the server whose WAL is archived."""
        return self._done[-1] if self._done else None

    @property
    def count(self) -> int | None:
        """How many of them there are."""
        return None if self.backups is None else len(self._done)

    @property
    def window(self) -> tuple[float, float] | None:
        """The moments that can be restored without a gap, up to now or nearly so."""
        since = self.records.gap.until if self.records.gap else 0.0
        ends = [one.end for one in self._done if one.end and one.begin and one.begin >= since]
        if not ends:
            return None
        return min(ends), max(self.archiving.caught_up or 0.0, max(ends))

    @property
    def _done(self) -> list[Backup]:
        return [one for one in self.backups or () if one.done and one.system == self.records.system]


def status(context: Context, archiving: State) -> Status:
    return Status(
        backups=_readable(context.backups.all),
        records=context.records.read(),
        archiving=archiving,
        restore=_readable(lambda: restore.current(context.layout)),
        restore_begun=context.layout.restore_begun.exists(),
        room=_readable(lambda: volume.room(context.layout.directory)),
        offsite_complete=offsite.state(context.layout).complete,
    )


def _readable(read: Callable[[], Value]) -> Value | None:
    """None where a file cannot be read, so that everything else is still known."""
    try:
        return read()
    except (OSError, ValueError) as error:
        log.warning("something of the status cannot be read: %s", error)
        return None


def document(found: Status) -> dict[str, Any]:
    window = found.window
    records = found.records
    drill, offsite, open_restore = records.drill, records.offsite, found.restore
    room = found.room
    return {
        "backups": [shown(one, records) for one in found.backups or ()],
        "window": {"from": text(window[0]), "to": text(window[1])} if window else None,
        "archiving": {
            "state": found.archiving.state,
            "reason": found.archiving.reason,
            "lag_bytes": found.archiving.lag_bytes,
        },
        "drill": {**_outcome(drill), "backup": drill.backup} if drill else None,
        "offsite": _outcome(offsite) if offsite else None,
        "volume": {"size": room.size if room else 0, "available": room.available if room else 0},
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
