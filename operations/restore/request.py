"""What a restore is asked for: the newest state, that of a time, or that of a backup."""

from dataclasses import dataclass
from datetime import datetime

import click

from components.settings import nearest
from operations import backups, units
from operations.backups import Backup, Backups

OFFSITE = "offsite"
# How many ids an error names.
NAMED = 3


@dataclass(frozen=True, kw_only=True)
class Request:
    """`at` is in UTC, and `backup` an id; without both it is the newest state. `offsite`: from the
    copy in the bucket."""

    at: datetime | None = None
    backup: str | None = None
    offsite: bool = False

    def __str__(self) -> str:
        if self.at:
            return units.utc(self.at)
        return f"the end of the backup {self.backup}" if self.backup else "the newest state"

    @property
    def is_newest(self) -> bool:
        """Whether it is the state of the server itself, as far as its log has arrived."""
        return self.at is None and self.backup is None and not self.offsite

    @property
    def arguments(self) -> tuple[str, ...]:
        """The options of the command `backup recover`."""
        at = ("--at", self.at.isoformat()) if self.at else ()
        backup = ("--backup", self.backup) if self.backup else ()
        return (*at, *backup, *(("--from", OFFSITE) if self.offsite else ()))

    def is_for(self, target: str) -> bool:
        """Whether data that was recovered up to this target is what is asked for."""
        if self.backup:
            return target.endswith(f" {self.backup}")
        if self.at is None:
            return target == backups.LATEST and not self.offsite
        try:
            return backups.moment(target) == self.at
        except ValueError:
            return False

    def base(self, state: Backups) -> Backup:
        """The base backup from which it is restored.

        Raises ClickException if there is none for it, which says what there is.
        """
        complete = state.complete
        if not complete:
            raise click.ClickException(
                "there is no complete backup, so nothing can be restored. Nothing was changed."
            )
        if self.backup:
            return self._named(state)
        if self.at is None:
            return complete[0]
        earlier = [backup for backup in complete if backup.end and backup.end <= self.at]
        # A restore, and a lost log, begin a new window. The backups before it still reach further.
        end = state.window.end if state.window else complete[0].end
        if not earlier or (end and self.at > end):
            first = complete[-1].end
            start = state.window.start if state.window else first
            span = " to ".join(units.utc(time) for time in (start, end) if time)
            older = ""
            if first and start and first < start:
                older = f" Backups reach back to {units.utc(first)}, with gaps before that."
            raise click.ClickException(
                f"AT is {units.utc(self.at)}. Restorable is any second from {span}.{older} Nothing "
                "was changed."
            )
        return earlier[0]

    def _named(self, state: Backups) -> Backup:
        by_id = {backup.id: backup for backup in state.backups}
        named = by_id.get(self.backup or "")
        if named and named.complete:
            return named
        problem = f"the backup {named.id} is {named.state}" if named else "there is no such backup"
        likely = nearest(self.backup or "", [backup.id for backup in state.complete])
        hint = f"The nearest is {likely}. " if likely and named is None else ""
        newest = ", ".join(backup.id for backup in state.complete[:NAMED])
        raise click.ClickException(
            f"BACKUP is {self.backup}: {problem}. {hint}The newest: {newest}. Nothing was changed."
        )


def parsed(at: str | None, backup: str | None, source: str | None) -> Request:
    """The request of a command line. Raises UsageError if it is wrong."""
    if at and backup:
        raise click.UsageError("set either AT, a time, or BACKUP, the id of a backup.")
    if source not in (None, OFFSITE):
        raise click.UsageError(f"FROM is {source!r}; it can be {OFFSITE} only.")
    try:
        time = backups.moment(at) if at else None
    except ValueError:
        raise click.UsageError(
            f"AT is {at!r}, which is no time. Write it as '2026-11-24 21:00:00', which is UTC, or "
            "with an offset, as '2026-11-24 22:00:00+01:00'."
        ) from None
    return Request(at=time, backup=backup, offsite=source == OFFSITE)
