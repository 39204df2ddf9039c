"""The roles and the schema of the platform's database: the scripts, and the job that runs them.

The built-in server runs them at its first start too, because its health check needs a role. The job
brings what a release changes to a server that runs already, on both servers alike.
"""

from collections.abc import Iterator, Sequence

from components import plain_files
from components.addresses import Address
from components.catalogue import Catalogue
from components.data import sql_job
from components.data.connection import (
    APPLICATION,
    MONITOR,
    OWNER,
    SUPERUSER,
    SUPERUSER_OPTIONS,
)
from components.text import Secret, Text
from components.workload import Job

JOB = "postgres-schema"
ROLES = (SUPERUSER, OWNER, APPLICATION, MONITOR)
# All of them can run more than once.
SCRIPTS = "database/init"
# A change of a table waits for transactions that use it, and later ones wait behind it. Scripts
# for the databases of services name the schema of what they call.
OPTIONS = f"-clock_timeout=10s {SUPERUSER_OPTIONS}"


def job(
    catalogue: Catalogue,
    server: Address,
    mode: str,
    *more: str,
    passwords: Sequence[Secret] = (),
) -> Job:
    """The job for a server in this mode of the data tier. `more` are directories with further
    scripts, which read these passwords."""
    scripts = [script for directory in (SCRIPTS, *more) for script in plain_files.texts(directory)]
    return sql_job.job(
        JOB,
        asked_by=f"data.mode: {mode}",
        server=server,
        starts_after=(server.workload,),
        catalogue=catalogue,
        passwords=(*ROLES, *passwords),
        scripts=[*scripts, (sql_job.ALL, _including(name for name, _ in scripts))],
        options=OPTIONS,
    )


def _including(names: Iterator[str]) -> Text:
    """The script that includes the others in the order of their numbers. Those without a number are
    included by others."""
    return Text(template="".join(f"\\ir {name}\n" for name in names if name[0].isdigit()))
