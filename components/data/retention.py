"""The job that removes old decisions."""

from components import plain_files
from components.addresses import Address
from components.catalogue import Catalogue
from components.container import File, Resources
from components.data.connection import DATABASE, OWNER, OWNER_USER, TIER
from components.settings import Settings
from components.workload import SCHEDULER, Job

JOB = "postgres-retention"
SCRIPT = f"/etc/{JOB}/retention.sql"
# Every hour, so that each run removes little.
SCHEDULE = "17 * * * *"


def job(
    settings: Settings, catalogue: Catalogue, server: Address, starts_after: tuple[str, ...]
) -> Job | None:
    """The job for this server; None if the stack keeps decisions for ever."""
    retention = settings.data.decisions.retention
    if retention is None:
        return None
    return Job(
        name=JOB,
        tier=TIER,
        asked_by="data.decisions.retention",
        image=catalogue.image("postgres"),
        entrypoint=("sh", "-c", _run(retention.removesuffix("d"))),
        env={
            "PGHOST": server.host,
            "PGPORT": str(server.port),
            "PGUSER": OWNER_USER,
            "PGDATABASE": DATABASE,
            "PGCONNECT_TIMEOUT": "10",
        },
        files=(
            File(path=OWNER.path, content=OWNER.text),
            File(path=SCRIPT, content=plain_files.text("database/decisions/retention.sql")),
        ),
        ports=(SCHEDULER,) if settings.has_scheduler else (),
        reaches=(server,),
        starts_after=starts_after,
        resources=Resources(memory=64, cpu=0.2),
        schedule=SCHEDULE,
        # Over before the next run. What is left then, the next run removes.
        limit=1800,
        # The schedule brings the next try.
        retries=0,
    )


def _run(days: str) -> str:
    """The password never appears in an argument."""
    return (
        f'PGPASSWORD="$(cat {OWNER.path})"\n'
        "export PGPASSWORD\n"
        "exec psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 "
        f"--set age='{days} days' --file {SCRIPT}\n"
    )
