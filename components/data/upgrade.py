"""The job that copies a server's data to another major version, while the old one still runs."""

from dataclasses import replace

from components import plain_files
from components.catalogue import Catalogue
from components.container import File
from components.data import builtin
from components.data.connection import TIER
from components.settings import Settings, Upgrade, of_version
from components.workload import Job

JOB = "postgres-upgrade"
SCRIPTS = "database/upgrade"
DIRECTORY = f"/etc/{JOB}"
DAY = 24 * 60 * 60


def job(settings: Settings, catalogue: Catalogue, upgrade: Upgrade) -> Job:
    """The job that starts a server of the new version for itself alone, on the volume that it will
    have, and copies what the present server has into it.

    The volume is not protected, and its format not remembered, before the copy is whole.
    """
    newer = of_version(settings, upgrade.to)
    server = builtin.postgres(newer, catalogue.of(newer))
    scripts = plain_files.texts(SCRIPTS)
    return Job(
        name=JOB,
        tier=TIER,
        asked_by="data.version",
        image=server.image,
        entrypoint=("bash", f"{DIRECTORY}/copy.sh"),
        command=server.command,
        env={
            **server.env,
            "OLD_HOST": builtin.SERVER.host,
            "OLD_PORT": str(builtin.SERVER.port),
            "RUN": upgrade.run,
        },
        files=(
            *(file for file in server.files if not file.first_start),
            *(File(path=f"{DIRECTORY}/{name}", content=script) for name, script in scripts),
        ),
        volumes=(replace(builtin.volume(newer), keep=False, format=None),),
        scratch=server.scratch,
        shared_memory=server.shared_memory,
        reaches=(builtin.SERVER,),
        starts_after=(builtin.SERVER.workload,),
        placement=server.placement,
        resources=server.resources,
        stop_grace=server.stop_grace,
        limit=DAY,
        retries=0,
    )
