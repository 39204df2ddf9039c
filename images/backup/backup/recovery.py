"""From a backup and WAL to data that a server has recovered up to a target."""

import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from backup import engine, moments, volume
from backup.backups import Backup
from backup.context import Context
from backup.engine import Catalogue
from backup.errors import BackupError

SCRIPT = Path(__file__).with_name("restore_wal.sh")


@dataclass(frozen=True, kw_only=True)
class Target:
    """Up to where WAL is applied, in PostgreSQL's options, and in words."""

    words: str
    options: Mapping[str, str] = field(default_factory=dict)


LATEST = Target(words="the latest state")


def at(moment: float) -> Target:
    utc = moments.text(moment).replace("T", " ").replace("Z", "+00")
    return Target(words=moments.text(moment), options={"recovery_target_time": utc})


def end_of(backup: Backup) -> Target:
    return Target(words=f"the backup {backup.id}", options={"recovery_target": "immediate"})


def named(name: str) -> Target:
    return Target(words=f"the restore point {name}", options={"recovery_target_name": name})


def options(catalogue: Catalogue, target: Target) -> dict[str, str]:
    """The server's options for its recovery."""
    command = " ".join(
        ["sh", shlex.quote(str(SCRIPT)), shlex.quote(str(catalogue.directory)), "%f", "%p"]
    )
    return {
        "restore_command": command,
        "recovery_target_action": "promote",
        "recovery_target_timeline": "latest",
        **target.options,
    }


def copy(context: Context, backup: Backup, data: Path) -> None:
    """Copy a base backup to where a server recovers it."""
    available = volume.room(context.layout.directory).available
    size = backup.size or 0
    if available < size:
        raise BackupError(
            f"the backup {backup.id} takes {volume.mebibytes(size)}, and the volume has "
            f"{volume.mebibytes(available)} left"
        )
    catalogue = Catalogue(layout=context.layout, system=backup.system)
    data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine.barman("recover", "--get-wal", catalogue.name, backup.id, str(data))
    # Barman writes its options there; ours are arguments of the server. The data keeps its own.
    original = catalogue.base(backup.id) / "data" / "postgresql.auto.conf"
    shutil.copy2(original, data / original.name)
    for pattern in ("backup_manifest*", "*.origin", ".barman-recover.info"):
        for path in data.glob(pattern):
            path.unlink()
