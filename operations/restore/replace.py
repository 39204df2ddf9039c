"""Replace the data of the server by what was recovered: its step clones it before the server
starts."""

import subprocess
import time

import click

from airgap.report import Report
from components.data.connection import DATABASE
from components.data.restore import STEP
from operations import backups, units
from operations.backups import Backups
from operations.database_server import DatabaseServer
from operations.restore import lost
from operations.restore.live import SERVER, LiveStack
from operations.workspace import ROOT

# How often the server is started: the policies of a cluster may let a new pod through to the backup
# part a moment after its step has asked.
STARTS = 3
# Seconds until a started server answers, with the recovery of what it cloned.
ANSWERS = 300
PERIOD = 0.5
# Seconds for the images of a new pod.
PULL = 120

ROLES = ROOT / "database" / "init" / "10-roles.sql"
# The step's mark: the id of the restore that the data is from.
_MARK = 'cat "$PGDATA.restored.id" 2>/dev/null || true'
_ROOM = 'df -P -k "${PGDATA%/*}" | awk "NR == 2 { print \\$4 }"'
_PASSWORD = """\
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
\\set password `cat /run/secrets/postgres-password`
ALTER ROLE postgres PASSWORD :'password';
"""


def expect_room(live: LiveStack, state: Backups, size: int) -> None:
    """Raise ClickException where a volume has no room for a backup of this size. The step itself
    refuses too, if the server does not run now."""
    if state.restore is None and size > state.volume_available:
        raise click.ClickException(
            f"the backup takes {units.size(size)}, and the volume of the backup part has "
            f"{units.size(state.volume_available)} left. Nothing was changed. A larger data.backup."
            "size makes room, on Docker a larger disk does."
        )
    available = _available(live)
    if available is not None and size > available:
        raise click.ClickException(
            f"the backup takes {units.size(size)} beside the present data, which is kept, and the "
            f"volume of the server has {units.size(available)} left. Nothing was changed. "
            f"make drop-replaced STACK={live.name} lists what earlier restores have set aside; "
            "otherwise make data.size larger, or free space on a Docker engine's disk."
        )


def _available(live: LiveStack) -> int | None:
    """The bytes that the volume of the server has left; None if the server does not run."""
    try:
        return int(live.server().inside.run(["sh", "-c", _ROOM])) * 1024
    except (click.ClickException, subprocess.CalledProcessError):
        return None


def replace(live: LiveStack, identity: str, report: Report) -> DatabaseServer:
    """Restart the server through its step, until its data is that of the restore with this id."""
    patience = live.step.limit * (live.step.retries + 1) + PULL
    for _ in range(STARTS):
        live.workloads.stop([SERVER])
        if lost.is_lost(live):
            report("the volume or the server is gone: it is created again")
            lost.create_again(live)
        else:
            live.workloads.run_step(STEP, patience)
        live.workloads.start([SERVER])
        live.workloads.wait_running([SERVER], patience)
        server = _answering(live)
        if server.inside.run(["sh", "-c", _MARK]).strip() == identity:
            _set_passwords(server)
            return server
    raise click.ClickException(
        f"the server started {STARTS} times without the recovered data: its step {STEP} did not "
        "reach the backup part. What writes to it stays stopped. "
        f"The same make restore STACK={live.name} tries again."
    )


def _answering(live: LiveStack) -> DatabaseServer:
    """The server, once it answers the superuser over its socket: the roles may have passwords of
    another time, with which its health check fails."""
    end = time.monotonic() + ANSWERS
    while True:
        try:
            server = live.server()
            if server.rows("SELECT pg_is_in_recovery();") == [["f"]]:
                return server
            problem = "it still recovers"
        except (click.ClickException, subprocess.CalledProcessError) as error:
            problem = backups.reason(error)
        if time.monotonic() > end:
            raise click.ClickException(f"the server does not answer after {ANSWERS} s: {problem}")
        time.sleep(PERIOD)


def _set_passwords(server: DatabaseServer) -> None:
    """Give the superuser, and the roles of the health check and of the jobs, today's passwords."""
    psql = ("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-")
    server.run([*psql, "--dbname=postgres"], stdin=_PASSWORD.encode())
    server.run([*psql, f"--dbname={DATABASE}"], stdin=ROLES)
