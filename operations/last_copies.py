"""The newest copies of the files of services, which the bucket has when their volumes are gone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import click

from components.settings import Settings
from operations import backups, last_backup, losses, units
from operations.kept import Kept
from operations.last_backup import DAY, now
from operations.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class LastCopy:
    """The newest copy of the volume of a service. `reason` says why there is none."""

    service: str
    at: datetime | None = None
    reason: str = ""

    @property
    def suffices(self) -> bool:
        """Whether the volume may go without a further word."""
        return self.at is not None and now() - self.at < DAY

    def __str__(self) -> str:
        if self.at is None:
            return f"The files of {self.service} are in no copy: {self.reason}"
        return (
            f"The newest copy of the files of {self.service} is {units.age(now() - self.at)} old."
        )


def find(workspace: Workspace, settings: Settings, items: Collection[Kept]) -> list[LastCopy]:
    """Ask the stack's backup part about the volumes of services among these. Where it is gone
    because a purge was killed, the answer is the moment that it gave before that purge."""
    services = {item.short: name for item in items if (name := losses.service(item))}
    return [_last(workspace, settings, volume, name) for volume, name in sorted(services.items())]


def expect(stack: str, copies: Sequence[LastCopy], *, without_backup: bool) -> None:
    """Raise ClickException if files of a production stack would go without a copy that is younger
    than a day."""
    lacking = [copy for copy in copies if not copy.suffices]
    if not lacking or without_backup:
        return
    raise click.ClickException(
        "\n".join(
            (
                f"{stack} has production: true, and the bucket has no copy younger than a day of "
                f"the files of {', '.join(copy.service for copy in lacking)}. Nothing was changed.",
                *map(str, lacking),
                "WITHOUT_BACKUP=1 removes the files nevertheless.",
            )
        )
    )


def _last(workspace: Workspace, settings: Settings, volume: str, service: str) -> LastCopy:
    last = partial(LastCopy, service=service)
    if not settings.data.copies_files:
        return last(reason="data.backup.offsite is not set, or says files: false.")
    try:
        part = backups.part(workspace, settings)
        rows: Sequence[Mapping[str, str]] = backups.run(part, "files", "list", service)["copies"]
    except click.ClickException as error:
        if before := last_backup.remembered(workspace):
            return last(at=before)
        return last(reason=error.message)
    moments = [backups.moment(row["at"]) for row in rows if row["volume"] == volume]
    if not moments:
        return last(reason="there is none in the bucket.")
    return last(at=max(moments))
