"""Backups of the database: when they are made, how long they are kept, and where copies go."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr

from components.settings.addresses import OfWebServer
from components.settings.base import Model
from components.settings.outside import OutsideAddresses
from components.settings.problems import Problem
from components.settings.quantities import mebibytes
from components.settings.schedules import Schedule
from components.settings.shapes import Pem, Shape, Size

if TYPE_CHECKING:
    from components.settings.data import Data
    from components.settings.stack import Settings

PATH = "data.backup"
# The secrets that open a bucket and what is in it, by the key that has the value.
OFFSITE_SECRETS = {
    "access_key": "backup-access-key",
    "secret_key": "backup-secret-key",
    "passphrase": "backup-passphrase",
}
# The volume of backups is so many times as large as the database's by default, and at least. A
# backup is complete before an older one is removed, a restore needs room for the data once more,
# and the rest is for the write-ahead log.
TIMES, LEAST_TIMES = 5, 3
DAILY, WEEKLY = "0 4 * * *", "0 4 * * 0"
# Parameters without which the server has nothing to stream, and their least value.
NEEDED = {"max_wal_senders": 4, "max_replication_slots": 1}

Endpoint = Annotated[
    str,
    Shape(
        r"^https?://[^/?#@\s]+$",
        "the URL of an S3-compatible server without a path, such as `https://s3.example.com`",
    ),
    OfWebServer,
]
Bucket = Annotated[
    str,
    Shape(
        r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        "the name of a bucket: 3 to 63 lower-case letters, digits, dots and dashes",
    ),
]
Prefix = Annotated[
    str,
    Shape(
        r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$",
        "a path in the bucket without a slash at its ends, such as `ai-platform/prod`",
    ),
]
Region = Annotated[str, Shape(r"^[a-z0-9-]{1,63}$", "a region such as `eu-central-1`")]


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


class Offsite(OutsideAddresses):
    """An S3-compatible bucket, which gets an encrypted copy of the backups and of the kept files of
    services."""

    EXAMPLE = """
        config:
          ai-platform:data:
            backup:
              offsite:
                endpoint: https://s3.example.com
                bucket: ai-platform-backups
                prefix: prod
                region: eu-central-1
                cidrs: [203.0.113.0/24]   # required on Kubernetes
                # pulumi config set --secret --path 'ai-platform:data.backup.offsite.access_key'
                access_key:
                  secure: v1:3k0Yb2dQx1s=:hT8w
                secret_key:
                  secure: v1:m2TzQ7bq9X0=:w4cK
                passphrase:               # keep a copy of it outside the platform
                  secure: v1:Wb0c7Yw0sNq=:9d4F
    """

    endpoint: Endpoint = Field(description="The URL of the S3-compatible server.")
    bucket: Bucket = Field(description="The bucket, which must exist.")
    prefix: Prefix | None = Field(
        None,
        description="A path in the bucket for this stack. Two stacks must not share one.",
    )
    region: Region | None = Field(
        None, description="The bucket's region, for servers that ask for one."
    )
    ca: Pem | None = Field(
        None,
        description="The certificate of the authority that signed the server's certificate, as PEM "
        "text. By default the public authorities are trusted.",
    )
    files: bool = Field(
        True,
        description="Whether the kept volumes of services (`data_volume`) are copied too, besides "
        "the database.",
    )
    schedule: Schedule = Field(
        "*/10 * * * *",
        description="When the copy is brought up to date, as five cron fields in UTC. What was "
        "written since then is lost with the cluster.",
    )
    access_key: SecretStr | None = Field(
        None,
        description="The name of the login at the server. Set it with `--secret`, or name a Secret "
        "that contains it in `kubernetes.secrets`, as `backup-access-key`.",
    )
    secret_key: SecretStr | None = Field(
        None,
        description="The password of `access_key`. Set it with `--secret`, or name a Secret that "
        "contains it in `kubernetes.secrets`, as `backup-secret-key`.",
    )
    passphrase: SecretStr | None = Field(
        None,
        description="What the copy is encrypted with. Without it nobody can read the copy, so keep "
        "it outside the platform as well: the platform does not generate it, because it would be "
        "lost with the stack's state. Set it with `--secret`, or name a Secret that contains it in "
        "`kubernetes.secrets`, as `backup-passphrase`.",
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
        "lost with the cluster or the machine.",
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
            yield from _cloudnative_pg(data.backup)
        case "builtin":
            if data.backup:
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


def _cloudnative_pg(backup: Backup | None) -> Iterator[Problem]:
    if backup and backup.offsite is None:
        yield Problem(
            path=f"{PATH}.offsite",
            found="nothing",
            allowed="a bucket, because CloudNativePG keeps backups in a bucket only; or "
            f"{PATH}: false",
        )


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
    for name, least in NEEDED.items():
        value = data.parameters.get(name, "")
        if value.isdigit() and int(value) < least:
            yield Problem(
                path=f"data.parameters.{name}",
                found=repr(value),
                allowed=f"at least {least}, {reason}",
            )
