"""The step before the server that clones what the backup part has recovered for a restore."""

from components import plain_files
from components.addresses import Address
from components.catalogue import Catalogue
from components.container import File, Resources, Step
from components.data.connection import BACKUP, BACKUP_USER, DATABASE
from components.settings import Settings, mebibytes

# Where the backup part lets a server answer with recovered data, while a restore is under way.
RESTORED = Address(workload="backup", port=5433)
# Where the backup part always answers: the step asks there whether the network lets it through.
REACHED = Address(workload=RESTORED.workload, port=9747)
STEP = "postgres-restore"
SCRIPT = f"/etc/{STEP}/restore.sh"
# A clone of the whole volume at this many MiB a second may take as long.
SLOWEST, LEAST_LIMIT = 20, 300


def step(settings: Settings, catalogue: Catalogue, data_directory: str) -> Step:
    """It runs at each start of the server's pod, and ends at once unless a restore is under way."""
    return Step(
        name=STEP,
        asked_by="data.backup",
        image=catalogue.image("postgres"),
        entrypoint=("sh", SCRIPT),
        env={
            "PGDATA": data_directory,
            "PGHOST": RESTORED.host,
            "PGPORT": str(RESTORED.port),
            "PGUSER": BACKUP_USER,
            "PGDATABASE": DATABASE,
            "PGCONNECT_TIMEOUT": "3",
            "BACKUP_PORT": str(REACHED.port),
        },
        files=(
            File(path=BACKUP.path, content=BACKUP.text),
            File(path=SCRIPT, content=plain_files.text("database/restore/restore.sh")),
        ),
        scratch=("/tmp",),
        writes_volumes=True,
        # Like the server, which runs after it: a pod reserves the larger of the two.
        resources=Resources(memory=64, cpu=min(settings.data.cpu, 1.0)),
        limit=max(mebibytes(settings.data.size) // SLOWEST, LEAST_LIMIT),
    )
