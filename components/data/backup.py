"""The part that makes backups of the built-in server, restores them and rehearses that."""

import json
from typing import Any

from components import offsite, volume_exporter
from components.addresses import Address
from components.catalogue import Catalogue
from components.container import File, Health, Http, Port, Resources
from components.data import schema
from components.data.connection import BACKUP, BACKUP_USER, DATABASE, TIER
from components.data.restore import REACHED, RESTORED
from components.placement import Placement
from components.settings import Backup, Settings
from components.text import Text
from components.volumes import Volume
from components.workload import Job, Workload

SCRIPTS, NO_SCRIPTS = "database/backup", "database/without-backup"
METRICS = REACHED.port
DIRECTORY = "/backups"
CONFIGURATION = "/etc/backup/config.json"


def part(settings: Settings, catalogue: Catalogue, server: Address) -> Workload | None:
    """The part, with the exporter of its volume; None if the stack makes no backups with it."""
    backup = settings.data.built_in_backup
    if backup is None:
        return None
    return volume_exporter.beside(_part(settings, backup, catalogue, server), catalogue)


def schema_job(settings: Settings, catalogue: Catalogue, server: Address) -> Job:
    """The job for the roles of the built-in server, with that of the part or without."""
    if settings.data.built_in_backup is None:
        return schema.job(catalogue, server, settings.data.mode, NO_SCRIPTS)
    return schema.job(catalogue, server, settings.data.mode, SCRIPTS, passwords=(BACKUP,))


def _part(settings: Settings, backup: Backup, catalogue: Catalogue, server: Address) -> Workload:
    bucket = backup.offsite
    # The program serves whatever state the volume and the server are in, and says it in metrics.
    health = Health(ask=Http(path="/healthz", port=METRICS))
    return Workload(
        name=RESTORED.workload,
        tier=TIER,
        image=catalogue.backup(),
        files=(
            File(path=CONFIGURATION, content=_configuration(settings, backup, server)),
            File(path=BACKUP.path, content=BACKUP.text),
            *(offsite.files(bucket) if bucket else ()),
        ),
        volumes=(Volume(name="backup", path=DIRECTORY, size=backup.volume(settings.data.size)),),
        scratch=("/tmp", "/var/run/postgresql"),
        ports=(
            Port(name="metrics", number=METRICS, metrics="/metrics"),
            Port(name="restore", number=RESTORED.port),
        ),
        ready=health,
        alive=health,
        reaches=(server, *((offsite.reach(bucket),) if bucket else ())),
        # The job gives the role its rights and its password.
        starts_after=(server.workload, schema.JOB),
        placement=Placement(priority_class=settings.kubernetes.priority_class),
        resources=Resources(memory=256, cpu=1.0, memory_request=128, cpu_request=0.05),
        # The program ends what it has begun: a base backup, or the server of a drill.
        stop_grace=30,
    )


def _configuration(settings: Settings, backup: Backup, server: Address) -> Text:
    configuration: dict[str, Any] = {
        "server": {
            "host": server.host,
            "port": server.port,
            "user": BACKUP_USER,
            "password_file": BACKUP.path,
            "database": DATABASE,
        },
        "directory": DIRECTORY,
        "schedule": backup.schedule,
        "drill": backup.drills(settings.in_production),
        "retention": {"days": backup.retention.days, "count": backup.retention.count},
        "offsite": (offsite.configuration(backup.offsite, "backups") if backup.offsite else None),
    }
    return Text(template=json.dumps(configuration, indent=2) + "\n")
