"""The newest verified backup of a stack, and whether it survives the stack's removal."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import click

from components.settings import Settings
from operations import backups, operator_backups, units
from operations.inside import Inside
from operations.workspace import Workspace

DAY = timedelta(days=1)
UNVERIFIED = "No backup of this stack is verified."


@dataclass(frozen=True, kw_only=True)
class LastBackup:
    """`begun` is when it was begun; None without one. `survives`: the bucket has it. The backup
    volume of the stack goes with the stack. `reason` is a sentence about why there is none, or why
    the bucket does not have it."""

    begun: datetime | None = None
    survives: bool = False
    reason: str = ""

    @property
    def suffices(self) -> bool:
        """Whether data may go without a further word."""
        return self.begun is not None and self.survives and now() - self.begun < DAY

    def __str__(self) -> str:
        if self.begun is None:
            return self.reason
        begun = f"The newest verified backup was begun {units.age(now() - self.begun)} ago."
        if self.survives:
            return f"{begun} The bucket has it."
        return f"{begun} It is lost as well: {self.reason}"


def find(workspace: Workspace, settings: Settings) -> LastBackup:
    """Ask the stack's backup part. Where it is gone because a purge was killed, the answer is what
    the part said before that purge."""
    try:
        if operator_backups.makes(settings):
            from operations.operator_backups.verbs import newest

            return LastBackup(reason=newest(workspace, settings))
        return of(backups.part(workspace, settings))
    except click.ClickException as error:
        if begun := remembered(workspace):
            return LastBackup(begun=begun, survives=True)
        return LastBackup(reason=f"No backup is known: {error.message}")


def of(part: Inside) -> LastBackup:
    """The last backup by the answers of the part, first those that the bucket has."""
    answer = backups.read(part)
    verified = [backup for backup in answer.complete if backup.verified]
    if not verified:
        return LastBackup(reason=UNVERIFIED)
    if answer.offsite is None:
        return LastBackup(begun=verified[0].begin, reason="no bucket has a copy.")
    try:
        bucket = backups.run(part, "list", "--from", "offsite")["backups"]
    except click.ClickException as error:
        return LastBackup(begun=verified[0].begin, reason=error.message)
    ids = {backup["id"] for backup in bucket}
    if copied := next((backup for backup in verified if backup.id in ids), None):
        return LastBackup(begun=copied.begin, survives=True)
    return LastBackup(begun=verified[0].begin, reason="the bucket does not have it yet.")


def remember(workspace: Workspace, last: LastBackup) -> None:
    """Note before a purge which backup survives it."""
    if last.begun and last.survives:
        workspace.purging.write_text(last.begun.isoformat())


def remembered(workspace: Workspace) -> datetime | None:
    """When the backup was begun that survives a purge, if that purge was killed."""
    if not workspace.purging.exists():
        return None
    return datetime.fromisoformat(workspace.purging.read_text())


def expect(stack: str, last: LastBackup, *, without_backup: bool) -> None:
    """Raise ClickException if data of a production stack would go without a backup that is younger
    than a day."""
    if last.suffices or without_backup:
        return
    lines = [
        f"{stack} has production: true, and no verified backup younger than a day is outside it. "
        "Nothing was changed.",
        str(last),
        "WITHOUT_BACKUP=1 removes the data nevertheless.",
    ]
    if last.begun or last.reason == UNVERIFIED:
        lines.append(
            f"make backup STACK={stack} makes a backup, make drill STACK={stack} verifies it, and "
            "data.backup.offsite names the bucket for it."
        )
    raise click.ClickException("\n".join(lines))


def now() -> datetime:
    return datetime.now(UTC)
