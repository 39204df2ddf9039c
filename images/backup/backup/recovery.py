"""From a backup and WAL to data that a server has recovered up to a target."""

import re
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from backup import engine, moments, timelines, volume, wal
from backup.backups import Backup
from backup.context import Context
from backup.engine import Catalogue
from backup.errors import BackupError
from backup.records import Gap
from backup.timelines import Timeline

SCRIPT = Path(__file__).with_name("restore_wal.sh")
SLOW_KILOBYTES = "32000"
"""What a slow copy writes in a second. At full speed it delays the commits of a server on the same
disk (docs/measurements.md)."""

DONE = re.compile(r"redo done at ([0-9A-F]+/[0-9A-F]+)")
LAST = re.compile(r"last completed transaction was at log time (.+)")
ENDED = "recovery ended before configured recovery target was reached"
"""PostgreSQL's words for a moment after which no transaction ended."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """Up to where WAL is applied, in PostgreSQL's options, and in words."""

    words: str
    timeline: Timeline
    options: Mapping[str, str] = field(default_factory=dict)


def target(catalogue: Catalogue, backup: Backup, at: float | None, identity: str | None) -> Target:
    """The end of the named backup, or the moment, or the latest state."""
    if identity:
        return Target(
            words=f"the backup {backup.id}",
            timeline=timelines.of(catalogue, backup),
            options={"recovery_target": "immediate"},
        )
    if at is None:
        return Target(words="the latest state", timeline=timelines.current(catalogue))
    utc = datetime.fromtimestamp(at, UTC).isoformat(sep=" ")
    return Target(
        words=moments.text(at),
        timeline=timelines.at(catalogue, at),
        options={"recovery_target_time": utc},
    )


def named(name: str, catalogue: Catalogue, backup: Backup) -> Target:
    return Target(
        words=f"the restore point {name}",
        timeline=timelines.of(catalogue, backup),
        options={"recovery_target_name": name},
    )


def choose(context: Context, at: float | None, identity: str | None) -> tuple[Backup, Target]:
    """The newest backup from which this can be restored, and the target."""
    if identity:
        backup = context.backups.one(identity)
        if not backup.done:
            raise BackupError(f"the backup {identity} is not complete: {backup.state}")
        return backup, target(_catalogue(context, backup), backup, at, identity)
    done = [one for one in context.backups.all() if one.done and one.end is not None]
    if at is None:
        system = context.catalogue().system
        done = [one for one in done if one.system == system]
    else:
        done = [one for one in done if one.end is not None and one.end <= at]
    if not done:
        raise BackupError("there is no backup from which this can be restored; see `backup list`")
    catalogue = _catalogue(context, done[-1])
    timeline = timelines.current(catalogue) if at is None else timelines.at(catalogue, at)
    fitting = [one for one in done if one.system == catalogue.system and timeline.has(one)]
    if not fitting:
        raise BackupError("no backup continues to that state; see `backup list`")
    _refuse_in_gap(context.records.read().gap, fitting[-1], at)
    return fitting[-1], target(catalogue, fitting[-1], at, identity)


def _refuse_in_gap(gap: Gap | None, backup: Backup, at: float | None) -> None:
    if gap and at is not None and at > gap.since and (backup.begin or 0) < gap.until:
        raise BackupError(
            f"the WAL from {moments.text(gap.since)} to {moments.text(gap.until)} is missing, and "
            f"no base backup between that and {moments.text(at)} is there; what can be restored "
            f"ends at {moments.text(gap.since)}"
        )


@dataclass(frozen=True, kw_only=True)
class End:
    """Where a server's recovery ended: what its log says."""

    position: int | None
    transaction: str

    @classmethod
    def of(cls, log: str) -> "End":
        positions, moments = DONE.findall(log), LAST.findall(log)
        return cls(
            position=wal.position(positions[-1]) if positions else None,
            transaction=moments[-1].strip() if moments else "the end of the base backup",
        )


def options(catalogue: Catalogue, target: Target) -> dict[str, str]:
    """The server's options for its recovery."""
    command = " ".join(
        ["sh", shlex.quote(str(SCRIPT)), shlex.quote(str(catalogue.directory)), "%f", "%p"]
    )
    return {
        "restore_command": command,
        "recovery_target_action": "promote",
        "recovery_target_timeline": str(target.timeline.number),
        **target.options,
    }


def move(source: Path, data: Path) -> None:
    """Take the data of a base backup that is not needed again."""
    data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    source.rename(data)
    for path in data.glob("backup_manifest*"):
        path.unlink()


def copy(context: Context, backup: Backup, data: Path, *, slowly: bool = False) -> None:
    """Copy a base backup to where a server recovers it."""
    available = volume.room(context.layout.directory).available
    size = backup.size or 0
    if available < size:
        raise BackupError(
            f"the backup {backup.id} takes {volume.mebibytes(size)}, and the volume has "
            f"{volume.mebibytes(available)} left"
        )
    catalogue = _catalogue(context, backup)
    data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    rate = ("--bwlimit", SLOW_KILOBYTES) if slowly else ()
    engine.barman("recover", "--get-wal", *rate, catalogue.name, backup.id, str(data))
    # Barman writes its options there; ours are arguments of the server. The data keeps its own.
    original = catalogue.base(backup.id) / "data" / "postgresql.auto.conf"
    shutil.copy2(original, data / original.name)
    for pattern in ("backup_manifest*", "*.origin", ".barman-recover.info"):
        for path in data.glob(pattern):
            path.unlink()


def _catalogue(context: Context, backup: Backup) -> Catalogue:
    return Catalogue(layout=context.layout, system=backup.system)
