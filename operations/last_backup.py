"""The newest verified backup of a stack, and whether it survives the stack's removal."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import click

from components.settings import Settings
from operations import backups, operator_backups, units
from operations.backups import Backups
from operations.workspace import Workspace

DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class LastBackup:
    """`begun` is when the newest verified backup was begun; None without one, for which `reason` is
    a sentence. `survives`: the bucket has it too. The stack's own backup volume goes with the
    stack."""

    begun: datetime | None
    survives: bool = False
    reason: str = ""

    @property
    def suffices(self) -> bool:
        """Whether data may go without a further word."""
        return self.begun is not None and self.survives and now() - self.begun < DAY

    def __str__(self) -> str:
        if self.begun is None:
            return self.reason
        where = (
            "It is in the bucket too."
            if self.survives
            else "It is not in a bucket, so it is lost as well."
        )
        return f"The newest verified backup was begun {units.age(now() - self.begun)} ago. {where}"


def find(workspace: Workspace, settings: Settings) -> LastBackup:
    """Ask the stack's backup part. Where it is gone because a purge was killed, the answer is what
    the part said before that purge."""
    try:
        if operator_backups.makes(settings):
            return LastBackup(begun=None, reason=operated(workspace, settings))
        return of(backups.read(backups.part(workspace, settings)))
    except click.ClickException as error:
        if workspace.purging.exists():
            begun = datetime.fromisoformat(workspace.purging.read_text())
            return LastBackup(begun=begun, survives=True)
        return LastBackup(begun=None, reason=f"No backup is known: {error.message}")


def remember(workspace: Workspace, last: LastBackup) -> None:
    """Note before a purge which backup survives it."""
    if last.begun and last.survives:
        workspace.purging.write_text(last.begun.isoformat())


def of(answer: Backups) -> LastBackup:
    """The last backup by the answer of the part."""
    newest = answer.newest_verified
    if newest is None or newest.end is None:
        return LastBackup(begun=None, reason="No backup of this stack is verified.")
    copied = answer.offsite
    survives = copied is not None and copied.ok and copied.at >= newest.end
    return LastBackup(begun=newest.begin, survives=survives)


def operated(workspace: Workspace, settings: Settings) -> str:
    """What CloudNativePG has in the bucket. No drill verifies it."""
    from operations.operator_backups import objects

    newest = objects.of(workspace, settings).read().newest
    if newest is None or newest.end is None:
        return "CloudNativePG has made no base backup of this stack."
    return (
        f"CloudNativePG's newest base backup, {newest.id}, ended {units.age(now() - newest.end)} "
        "ago. It is in the bucket, and stays there. No drill verifies it: rehearse it with a "
        f"second stack, by make restore STACK={workspace.stack} INTO=rehearsal."
    )


def expect(stack: str, last: LastBackup, *, without_backup: bool) -> None:
    """Raise ClickException if data of a production stack would go without a backup that is younger
    than a day."""
    if last.suffices or without_backup:
        return
    raise click.ClickException(
        f"{stack} has production: true, and no verified backup younger than a day is outside it. "
        f"Nothing was changed. {last} make backup STACK={stack} and make drill STACK={stack} make "
        "and verify one, and data.backup.offsite names the bucket. WITHOUT_BACKUP=1 removes "
        "the data without."
    )


def now() -> datetime:
    return datetime.now(UTC)
