"""Recover the data of a restore in the backup part, up to what the server wrote last if that is
asked for."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress

import click

from operations import backups, questions, steps
from operations.restore import rest, rows
from operations.restore.live import LiveStack
from operations.restore.request import Request
from operations.restore.rows import Recovered

# Seconds until the backup part has what the server wrote last.
ARRIVES = 30
PERIOD = 0.5
# Lies in the backup part while a restore has begun and has recovered nothing. Without it, what is
# stopped is what is left of a restore that was verified.
NOTE = "/backups/restore-begun"
_BEGUN = 'if [ -e "$1" ]; then echo yes; fi'

_POSITION = "SELECT pg_current_wal_insert_lsn();"
# What the receiver has written is what a recovery reads.
_ARRIVED = """\
SELECT count(*) FROM pg_stat_replication
WHERE application_name = :'receiver' AND write_lsn >= :'position';
"""


def is_begun(live: LiveStack) -> bool:
    """Whether a restore was interrupted before it had recovered anything."""
    return bool(live.part.run(["sh", "-c", _BEGUN, "sh", NOTE]).strip())


def forget(live: LiveStack) -> None:
    """From now on the recovered data says that a restore has begun, or nothing is stopped."""
    live.part.run(["rm", "-f", NOTE])


def recover(live: LiveStack, wish: Request, *, yes: bool) -> None:
    """Recover what is asked for. For the newest state, what writes has stopped before."""
    live.part.run(["touch", NOTE])
    with _nothing_written(live) if wish.is_newest else nullcontext():
        with steps.step(f"Recover {wish} in the backup part") as report:
            recovered = rows.recovered(
                backups.run(live.part, "recover", *wish.arguments, "--closed")
            )
            report(str(recovered))
        try:
            expect_all(wish, recovered, yes=yes)
        except (click.ClickException, KeyboardInterrupt):
            backups.run(live.part, "discard")
            raise


def expect_all(wish: Request, recovered: Recovered, *, yes: bool) -> None:
    """Ask again where the newest state was asked for and log is missing or damaged.

    Raises ClickException without a yes. `yes` itself was said before this was known.
    """
    if wish.at or wish.backup or recovered.target == backups.LATEST:
        return
    if yes:
        raise click.ClickException(
            f"the newest state cannot be restored. What can be is {recovered.target}. Nothing was "
            "replaced. The same command without YES=1 asks whether that is enough."
        )
    steps.console.print(
        f"The newest state cannot be restored. What was recovered is {recovered.target}.",
        style="red",
        markup=False,
        soft_wrap=True,
    )
    questions.confirm("Go on with that, without what was written later?", yes=False)


@contextmanager
def _nothing_written(live: LiveStack) -> Iterator[None]:
    """What writes is stopped, and the backup part has all that was written. Where it fails, the
    server still has its data, and what writes goes on."""
    try:
        with steps.step("Stop what writes to the databases") as report:
            writers = live.workloads.running(live.writers)
            live.workloads.stop(live.writers)
            report(", ".join(writers) or "nothing runs")
        with steps.step("Wait until the backup part has the newest state") as report:
            report(_arrived(live))
        yield
    except (Exception, KeyboardInterrupt):
        with suppress(KeyboardInterrupt):
            _go_on(live)
        raise


def _arrived(live: LiveStack) -> str:
    """Wait for the server's log, and say how far it came. A server that is lost has no more."""
    try:
        server = live.server()
        ((position,),) = server.rows(_POSITION)
        variables = {"receiver": backups.WORKLOAD, "position": position}
        end = time.monotonic() + ARRIVES
        while server.rows(_ARRIVED, variables=variables) == [["0"]]:
            if time.monotonic() > end:
                return f"not after {ARRIVES} s: the rest stays in the data that is set aside"
            time.sleep(PERIOD)
    except (click.ClickException, subprocess.CalledProcessError):
        return "the server does not answer: what was received until now is restored"
    return position


def _go_on(live: LiveStack) -> None:
    with steps.step("Start what was stopped: nothing was replaced"):
        stopped = [name for name in live.writers if name in live.workloads.stopped()]
        live.workloads.start(stopped)
        forget(live)
        live.workloads.wait(stopped, rest.HEALTHY)
