"""Backups of the database: when they are made, how long they are kept, and where copies go."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from components.settings import operator_backup
from components.settings.base import Model
from components.settings.offsite import Offsite
from components.settings.operator_backup import OperatorBackup
from components.settings.problems import Problem
from components.settings.quantities import mebibytes
from components.settings.schedules import Schedule
from components.settings.shapes import Size

if TYPE_CHECKING:
    from components.settings.data import Data
    from components.settings.stack import Settings

PATH = "data.backup"
# The volume of backups is so many times as large as the database's by default, and at least. A
# backup is complete before an older one is removed, a restore needs room for the data once more,
# and the rest is for the write-ahead log.
TIMES, LEAST_TIMES = 5, 3
DAILY, WEEKLY = "0 4 * * *", "0 4 * * 0"
SLOT_LIMIT = "max_slot_wal_keep_size"
# Parameters without which the server has nothing to stream, and their least value.
NEEDED = {"max_wal_senders": 4, "max_replication_slots": 1}


class BackupRetention(Model):
    """How long backups are kept: what either key asks for stays."""

    EXAMPLE = """
        config:
          ai-platform:data:
            backup:
              retention:
                days: 30
                count: 4
    """

    days: int = Field(
        7,
        ge=1,
        le=3650,
        description="How many days back the database can be restored to any moment.",
    )
    count: int = Field(
        2, ge=1, le=365, description="The least number of base backups, however old they are."
    )


class Backup(Model):
    """Backups of the database, from which it can be restored to any moment."""

    EXAMPLE = """
        config:
          ai-platform:data:
            size: 10Gi
            backup:                       # `false` makes none
              schedule: "0 2 * * *"
              retention: {days: 14, count: 2}
              size: 60Gi
              drill: "0 4 * * *"
    """

    schedule: Schedule = Field(
        "0 2 * * *",
        description="When a base backup is made, as five cron fields in UTC. The write-ahead log "
        "is copied all the time.",
    )
    retention: BackupRetention = Field(BackupRetention(), description="How long backups are kept.")
    size: Size | None = Field(
        None,
        description=f"The size of the volume with the backups. By default it is {TIMES} times "
        f"`data.size`, and it cannot be less than {LEAST_TIMES} times that.",
    )
    drill: Schedule | Literal[False] | None = Field(
        None,
        description="When a drill restores the newest backup into a scratch server and compares it "
        "with the database, as five cron fields in UTC; `false` for never. By default it runs each "
        "day at 04:00 in production, and each Sunday elsewhere.",
    )
    offsite: Offsite | None = Field(
        None,
        description="An S3-compatible bucket, which gets an encrypted copy. By default backups are "
        "lost with the cluster or the machine. `data.mode: cloudnative-pg` requires it, and keeps "
        "its backups there alone, as they are.",
    )
    operator: OperatorBackup | None = Field(
        None,
        description="What only `data.mode: cloudnative-pg` has: directories in the bucket, and the "
        "backup that a new cluster starts from.",
    )

    def drills(self, in_production: bool) -> str | None:
        """When drills run; None for never."""
        if self.drill is None:
            return DAILY if in_production else WEEKLY
        return self.drill or None

    def volume(self, data_size: str) -> str:
        """The size of the volume with the backups of a database of this size."""
        return self.size or f"{TIMES * mebibytes(data_size)}Mi"


def written_out(value: Any) -> Any:
    """`false` is written out, so that an empty key turns nothing off by mistake."""
    if value is True:
        raise ValueError("a mapping, or `false`; backups are made by default")
    if value is None:
        return {}
    return None if value is False else value


BackupSetting = Annotated[
    Backup | None,
    BeforeValidator(written_out, json_schema_input_type=Literal[False] | Backup),
]


def connections(data: "Data", databases: int) -> int:
    """The connections of the backup part while a drill compares this number of databases.

    It asks the server how it is, and asks for a base backup. In each database a drill has one
    connection that locks, and two that read. What streams the write-ahead log is no such
    connection.
    """
    backup = data.built_in_backup
    if backup is None:
        return 0
    return 2 if backup.drill is False else 2 + 3 * databases


def rules(settings: "Settings") -> Iterator[Problem]:
    data = settings.data
    match data.mode:
        case "external":
            yield from _external(data.backup)
        case "cloudnative-pg":
            yield from operator_backup.rules(PATH, settings, data.backup)
        case "builtin":
            if data.backup:
                yield from operator_backup.refused(PATH, data.backup)
                yield from _size(data, data.backup)
                yield from _parameters(data)


def _external(backup: Backup | None) -> Iterator[Problem]:
    if backup and backup.model_fields_set:
        yield Problem(
            path=PATH,
            found="a mapping",
            allowed="false or no value, because the platform does not run the server (data.mode: "
            "external): whoever runs it makes its backups",
        )


def encrypted(settings: "Settings") -> bool:
    """Whether something is encrypted with the passphrase: the database, unless an operator makes
    its backups, and the files of services."""
    data = settings.data
    files = any(service.data_volume for service in settings.api.services.values())
    copies_files = data.backup is not None and data.backup.offsite and data.backup.offsite.files
    return data.mode == "builtin" or bool(copies_files and files)


def _size(data: "Data", backup: Backup) -> Iterator[Problem]:
    least = LEAST_TIMES * mebibytes(data.size)
    if backup.size and mebibytes(backup.size) < least:
        yield Problem(
            path=f"{PATH}.size",
            found=repr(backup.size),
            allowed=f"at least {least}Mi, {LEAST_TIMES} times data.size: two base backups, and "
            "room to restore one",
        )


def _parameters(data: "Data") -> Iterator[Problem]:
    """What the settings of the server must leave for backups."""
    reason = f"because of {PATH}"
    if data.parameters.get("wal_level") == "minimal":
        yield Problem(
            path="data.parameters.wal_level",
            found="'minimal'",
            allowed=f"'replica' or 'logical', {reason}",
        )
    if data.parameters.get(SLOT_LIMIT) == "-1":
        yield Problem(
            path=f"data.parameters.{SLOT_LIMIT}",
            found="'-1'",
            allowed=f"a size such as `2GB`, {reason}: the server would keep its write-ahead "
            "log until the volume is full, while the part is away",
        )
    for name, least in NEEDED.items():
        value = data.parameters.get(name, "")
        if value.isdigit() and int(value) < least:
            yield Problem(
                path=f"data.parameters.{name}",
                found=repr(value),
                allowed=f"at least {least}, {reason}",
            )
