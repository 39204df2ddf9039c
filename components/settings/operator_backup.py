"""What only the backups of CloudNativePG have: directories in the bucket, and where a new cluster
starts."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field

from components.addresses import PROJECT
from components.settings.base import Model
from components.settings.problems import Problem
from components.settings.shapes import Cpu, Memory, Shape

if TYPE_CHECKING:
    from components.settings.backup import Backup
    from components.settings.stack import Settings

ServerName = Annotated[
    str,
    Shape(
        r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
        "a name of lower-case letters, digits and dashes, such as `ai-platform-postgres-2`",
    ),
]
BackupId = Annotated[
    str, Shape(r"^\d{8}T\d{6}$", "the id of a base backup, such as `20261124T020000`")
]


def _moment(value: str) -> str:
    """The moment in the one notation that the operator cannot misread."""
    try:
        moment = datetime.strptime(value.replace("T", " ").removesuffix("Z"), "%Y-%m-%d %H:%M:%S")
    except ValueError:
        raise ValueError(
            "a date and a time in UTC, in quotation marks, such as `'2026-11-24 21:00:00'`"
        ) from None
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


Moment = Annotated[str, AfterValidator(_moment)]


class Recover(Model):
    """The backup that a new cluster starts from, instead of an empty database."""

    EXAMPLE = """
        config:
          ai-platform:target: kubernetes
          ai-platform:images:
            repository: registry.example.com/ai-platform
          ai-platform:kubernetes:
            secrets:
              backup-access-key: {name: bucket, key: access}
              backup-secret-key: {name: bucket, key: secret}
          ai-platform:data:
            mode: cloudnative-pg
            backup:
              offsite:
                endpoint: https://s3.example.com
                bucket: ai-platform-backups
                cidrs: [203.0.113.0/24]
              operator:
                server_name: ai-platform-postgres-2   # where the new cluster archives
                recover:
                  server_name: ai-platform-postgres   # where the old one did
                  at: "2026-11-24 21:00:00"           # by default the end of what was archived
    """

    server_name: ServerName = Field(
        description="The directory of the cluster that made the backup: its own `server_name`."
    )
    at: Moment | None = Field(
        None,
        description="The moment to restore, in UTC. By default everything that was archived is "
        "restored.",
    )
    backup: BackupId | None = Field(
        None,
        description="The base backup to restore, instead of a moment. `make backups` lists their "
        "ids.",
    )


class OperatorBackup(Model):
    """Backups that CloudNativePG makes itself, with its Barman Cloud plugin."""

    EXAMPLE = """
        config:
          ai-platform:target: kubernetes
          ai-platform:images:
            repository: registry.example.com/ai-platform
          ai-platform:kubernetes:
            secrets:
              backup-access-key: {name: bucket, key: access}
              backup-secret-key: {name: bucket, key: secret}
          ai-platform:data:
            mode: cloudnative-pg
            backup:
              offsite:
                endpoint: https://s3.example.com
                bucket: ai-platform-backups
                prefix: prod
                cidrs: [203.0.113.0/24]
              operator:
                memory: 2Gi
    """

    server_name: ServerName = Field(
        f"{PROJECT}-postgres",
        description="The directory of this cluster in the bucket. A new cluster needs one without "
        "backups, and sends nothing otherwise.",
    )
    recover: Recover | None = Field(
        None,
        description="What a new cluster starts from. Once the cluster exists, this has no effect, "
        "and a change is refused (docs/modes.md).",
    )
    memory: Memory = Field(
        "1Gi",
        description="The memory limit of the container beside each instance that talks to the "
        "bucket. The node reserves it.",
    )
    cpu: Cpu = Field(
        0.5, description="The CPU limit of that container, in cores. The node reserves it."
    )


def rules(path: str, settings: "Settings", backup: "Backup | None") -> Iterator[Problem]:
    """The rules of the section at a dotted path, where the operator makes the backups."""
    if backup is None:
        return
    yield from _inapplicable(path, backup)
    if backup.offsite is None:
        yield Problem(
            path=f"{path}.offsite",
            found="nothing",
            allowed="a bucket, because CloudNativePG keeps backups in a bucket only; or "
            f"{path}: false",
        )
    elif settings.in_production and backup.offsite.endpoint.startswith("http:"):
        yield Problem(
            path=f"{path}.offsite.endpoint",
            found=repr(backup.offsite.endpoint),
            allowed="an `https` URL, because CloudNativePG's plugin does not encrypt what it sends",
        )
    if backup.operator and backup.operator.recover:
        yield from _recover(f"{path}.operator", backup.operator, backup.operator.recover)


def refused(path: str, backup: "Backup") -> Iterator[Problem]:
    """The rule of the section where the platform makes the backups itself."""
    if backup.operator:
        yield Problem(
            path=f"{path}.operator",
            found="a mapping",
            allowed="no value: only data.mode: cloudnative-pg has it",
        )


def _inapplicable(path: str, backup: "Backup") -> Iterator[Problem]:
    if backup.size is not None:
        yield Problem(
            path=f"{path}.size",
            found=repr(backup.size),
            allowed="no value: the operator's backups have no volume, but are in the bucket of "
            f"{path}.offsite",
        )
    if backup.drill:
        yield Problem(
            path=f"{path}.drill",
            found=repr(backup.drill),
            allowed="false or no value: CloudNativePG restores into a new cluster only, so a drill "
            "is a second stack that starts from the backup (docs/modes.md)",
        )
    if "count" in backup.retention.model_fields_set:
        yield Problem(
            path=f"{path}.retention.count",
            found=str(backup.retention.count),
            allowed=f"no value: the operator's plugin keeps what {path}.retention.days needs, and "
            "no more",
        )


def _recover(path: str, operator: OperatorBackup, recover: Recover) -> Iterator[Problem]:
    if recover.server_name == operator.server_name:
        yield Problem(
            path=f"{path}.server_name",
            found=repr(operator.server_name),
            allowed=f"another name than {path}.recover.server_name: the new cluster must not write "
            "into the backups that it starts from",
        )
    if recover.at and recover.backup:
        yield Problem(
            path=f"{path}.recover.backup",
            found=repr(recover.backup),
            allowed=f"no value, because {path}.recover.at names a moment",
        )
