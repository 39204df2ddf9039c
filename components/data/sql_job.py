"""A job that runs SQL scripts as the superuser on a server that runs already."""

from collections.abc import Iterable, Sequence

from components.addresses import Address
from components.catalogue import Catalogue
from components.container import File, Resources
from components.data import connection
from components.data.connection import DATABASE, SUPERUSER, TIER
from components.text import Secret, Text
from components.workload import Job

# The script that includes the others.
ALL = "all.sql"


def job(
    name: str,
    *,
    asked_by: str,
    server: Address,
    starts_after: tuple[str, ...],
    catalogue: Catalogue,
    passwords: Sequence[Secret],
    scripts: Iterable[tuple[str, Text]],
    options: str,
) -> Job:
    """The scripts must be safe to run again. One of them is ALL. `options` are the PGOPTIONS of the
    session.

    The password never appears in an argument. The scripts read the roles' passwords from files.
    """
    directory = f"/etc/{name}"
    secrets = dict.fromkeys((SUPERUSER, *passwords))
    return Job(
        name=name,
        tier=TIER,
        asked_by=asked_by,
        image=catalogue.image("postgres"),
        entrypoint=("sh", "-c", _run(f"{directory}/{ALL}")),
        env={
            "PGHOST": server.host,
            "PGPORT": str(server.port),
            "PGUSER": connection.SUPERUSER_USER,
            "PGDATABASE": DATABASE,
            "PGCONNECT_TIMEOUT": "10",
            "PGOPTIONS": options,
        },
        files=(
            *(File(path=password.path, content=password.text) for password in secrets),
            *(File(path=f"{directory}/{path}", content=script) for path, script in scripts),
        ),
        reaches=(server,),
        starts_after=starts_after,
        resources=Resources(memory=64, cpu=0.2),
    )


def _run(script: str) -> str:
    return (
        f'PGPASSWORD="$(cat {SUPERUSER.path})"\n'
        "export PGPASSWORD\n"
        f"exec psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --file {script}\n"
    )
