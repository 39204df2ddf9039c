"""What follows once the server has the recovered data: the same after an interruption."""

import time
from collections.abc import Collection

import click

from operations import backups, steps
from operations.inside import Inside
from operations.restore.live import SERVER, LiveStack

# Seconds until what was stopped is healthy.
HEALTHY = 300
# Seconds until the server's log arrives at the backup part again.
STREAMING = 120
# Seconds until the part has made a base backup by itself.
BY_ITSELF = 60
PERIOD = 1.0


def finish(live: LiveStack, before: Collection[str] = ()) -> float:
    """Bring roles, databases and the schema up to this release, start what was stopped, and make a
    base backup: from now on the server's log is another one. Return when everything was back.

    `before` are the ids of the backups of the server that was replaced."""
    workloads = live.workloads
    stopped = [name for name in (SERVER, *live.writers) if name in workloads.stopped()]
    if SERVER in stopped:
        workloads.start([SERVER])
    workloads.wait([SERVER], HEALTHY)
    with steps.step("Bring roles and databases up to this release") as report:
        for job in live.releases:
            # A service of the stack file may not be deployed yet.
            if workloads.run_again(job.name, job.limit * (job.retries + 1)):
                report(job.name)
    with steps.step("Start what was stopped") as report:
        workloads.start(stopped)
        workloads.wait(stopped, HEALTHY)
        report(", ".join(stopped) or "nothing was stopped")
    back = steps.now()
    with steps.step("Base backup of the restored server") as report:
        report(_backed_up(live, before))
    return back


def _backed_up(live: LiveStack, before: Collection[str]) -> str:
    """The id of a base backup of the restored server. The part makes one by itself when the log of
    another timeline arrives."""
    stream_again(live.part)
    end = time.monotonic() + BY_ITSELF
    while before and time.monotonic() < end:
        newest = backups.read(live.part).newest
        if newest and newest.id not in before:
            return newest.id
        time.sleep(PERIOD)
    try:
        return str(backups.run(live.part, "now")["id"])
    except click.ClickException as error:
        # The databases are back. The part makes it as soon as it can, and BackupStale watches that.
        return f"not yet: {error.message}"


def stream_again(part: Inside) -> None:
    """Wait until the log of the restored server arrives. If it is another server than that of the
    backups, go on with it."""
    end = time.monotonic() + STREAMING
    while (archiving := backups.read(part).archiving).state != "streaming":
        if archiving.other_system:
            backups.run(part, "adopt")
        if time.monotonic() > end:
            raise click.ClickException(
                "the databases are back, and everything runs. But the log of the server does "
                f"not arrive at the backup part: {archiving.reason}"
            )
        time.sleep(PERIOD)
