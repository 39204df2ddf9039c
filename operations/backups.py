"""What the backup part of a stack has and does, as its command `backup` says, on both targets."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import click

from components.settings import Settings
from operations import docker_stack, kubernetes_stack, units
from operations.inside import Inside, InsideWithStreams
from operations.workspace import Workspace

WORKLOAD = "backup"
# What the part calls the newest state.
LATEST = "the latest state"


@dataclass(frozen=True, kw_only=True)
class Backup:
    """A base backup. `wal` is the last file of the log that it needs. `verified` is when a drill
    restored it, or it was checked."""

    id: str
    begin: datetime
    end: datetime | None
    size: int
    wal: str
    state: str
    verified: datetime | None

    @property
    def complete(self) -> bool:
        return self.state == "done" and self.end is not None


@dataclass(frozen=True, kw_only=True)
class Window:
    """The times to which the databases can be restored."""

    start: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True)
class Archiving:
    """Whether the server's log arrives. `reason` says why not."""

    state: Literal["streaming", "waiting", "stopped"]
    reason: str
    lag: int | None

    @property
    def other_system(self) -> bool:
        """Whether the part waits because the server is another one than that of the backups."""
        return "`backup adopt`" in self.reason


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How the last drill, or the last copy to the bucket, ended. `backup` is the drill's."""

    at: datetime
    ok: bool
    reason: str
    backup: str | None = None


@dataclass(frozen=True, kw_only=True)
class OpenRestore:
    """A server on recovered data, from which the database's pod or container is restored."""

    id: str
    target: str
    port: int

    @property
    def was_newest(self) -> bool:
        """Whether the newest state was asked for, also where log after it is missing."""
        return self.target == LATEST or "; then " in self.target

    def __str__(self) -> str:
        """The target as people read it; the part says a time as programs do."""
        try:
            return units.utc(moment(self.target))
        except ValueError:
            return self.target


@dataclass(frozen=True, kw_only=True)
class Backups:
    """The answer of `backup list`: the backups, the newest first, and the state of the part. Sizes
    are in bytes."""

    backups: tuple[Backup, ...]
    window: Window | None
    archiving: Archiving
    drill: Outcome | None
    offsite: Outcome | None
    volume_size: int
    volume_available: int
    restore: OpenRestore | None

    @property
    def complete(self) -> tuple[Backup, ...]:
        """The backups that can be restored, the newest first."""
        return tuple(backup for backup in self.backups if backup.complete)

    @property
    def newest(self) -> Backup | None:
        return next(iter(self.complete), None)

    @property
    def newest_verified(self) -> Backup | None:
        """The newest backup that a drill has restored."""
        return next((backup for backup in self.complete if backup.verified), None)


def part(workspace: Workspace, settings: Settings) -> InsideWithStreams:
    """The container in which `backup` runs. Raises ClickException if the stack has no such part, or
    it does not run."""
    if settings.data.built_in_backup is None:
        raise click.ClickException(_without_part(settings, workspace.stack))
    if settings.target == "docker":
        return docker_stack.inside(workspace, WORKLOAD)
    return kubernetes_stack.inside(settings.kubernetes, workspace, WORKLOAD)


def read(part: Inside) -> Backups:
    """The present state of the part."""
    return parsed(run(part, "list"))


def run(part: Inside, *arguments: str) -> dict[str, Any]:
    """The answer of a command of the part, such as `now`. Raises ClickException with its message
    where it fails."""
    try:
        output = part.run([WORKLOAD, *arguments, "--json"])
    except subprocess.CalledProcessError as error:
        raise click.ClickException(reason(error)) from None
    answer: dict[str, Any] = json.loads(output) if output.strip() else {}
    return answer


def reason(error: click.ClickException | subprocess.CalledProcessError) -> str:
    """What a command inside a container that failed says."""
    if isinstance(error, click.ClickException):
        return error.message
    said = (error.stderr or error.output or "").strip()
    return said or f"{error.cmd[0]} failed with exit status {error.returncode}"


def parsed(answer: Mapping[str, Any]) -> Backups:
    """The answer of `backup list --json`."""
    window, archiving, volume = answer["window"], answer["archiving"], answer["volume"]
    restore = answer["restore"]
    backups = [_backup(backup) for backup in answer["backups"]]
    return Backups(
        backups=tuple(sorted(backups, key=lambda backup: backup.begin, reverse=True)),
        window=window and Window(start=moment(window["from"]), end=moment(window["to"])),
        archiving=Archiving(
            state=archiving["state"],
            reason=archiving["reason"] or "",
            lag=archiving["lag_bytes"],
        ),
        drill=_outcome(answer["drill"]),
        offsite=_outcome(answer["offsite"]),
        volume_size=volume["size"],
        volume_available=volume["available"],
        restore=restore
        and OpenRestore(id=restore["id"], target=restore["target"], port=restore["port"]),
    )


def moment(text: str) -> datetime:
    """A time in ISO 8601, in UTC; without an offset it is one of UTC already. Raises ValueError."""
    time = datetime.fromisoformat(text)
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def _without_part(settings: Settings, stack: str) -> str:
    match settings.data.mode:
        case "external":
            return (
                "data.mode is external: the platform does not run this stack's server, and makes "
                "no backups of it. Whoever runs the server makes and restores its backups."
            )
        case "cloudnative-pg" if settings.data.backup:
            return (
                "data.mode is cloudnative-pg: that operator makes the backups of this stack's "
                "server, and no drill verifies them (docs/modes.md)."
            )
        case "cloudnative-pg":
            return (
                "data.backup is false: CloudNativePG makes no backups of this stack's server. "
                "Write data.backup.offsite into the stack file, and run make up "
                f"STACK={stack}. The first base backup is made then."
            )
        case "builtin":
            return (
                "data.backup is false: this stack makes no backups. Remove it from the stack file "
                f"and run make up STACK={stack}. The first base backup is made then."
            )


def _backup(answer: Mapping[str, Any]) -> Backup:
    identity, end, verified = answer["id"], answer["end"], answer["verified"]
    return Backup(
        id=identity,
        begin=moment(answer["begin"] or identity),  # the id of a backup is the time of its begin
        end=moment(end) if end else None,
        size=answer["size"] or 0,
        wal=answer["wal"] or "",
        state=answer["state"].lower(),
        verified=moment(verified) if verified else None,
    )


def _outcome(answer: Mapping[str, Any] | None) -> Outcome | None:
    if answer is None:
        return None
    return Outcome(
        at=moment(answer["at"]),
        ok=answer["ok"],
        reason=answer["reason"] or "",
        backup=answer.get("backup"),
    )
