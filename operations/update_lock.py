"""The lock that a running update holds on its stack, in a backend that is a directory.

A killed `pulumi` cannot remove it. Other backends know themselves when an update has ended.
"""

import json
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click

from operations import backend, processes, stack_name
from operations.processes import Process

# Seconds between two looks at a process that still updates the stack.
PERIOD = 0.5


@dataclass(frozen=True, kw_only=True)
class Lock:
    """A lock's file, and the process that wrote it."""

    file: Path
    pid: int
    user: str
    host: str
    since: str


def locks(url: str, project: str, stack: str) -> list[Lock]:
    """The locks of a stack; none where the backend is not a directory of this machine."""
    parts = urlsplit(url)
    if parts.scheme != "file":
        return []
    state = Path(unquote(f"{parts.netloc}{parts.path}")).expanduser()
    # Such a backend has one organisation, and a stack's name may contain it.
    folder = state / ".pulumi" / "locks" / backend.FILES / project / stack_name.bare(stack)
    return [lock for file in sorted(folder.glob("*.json")) if (lock := _read(file))]


def _read(file: Path) -> Lock | None:
    try:
        content = json.loads(file.read_text())
        return Lock(
            file=file,
            pid=int(content["pid"]),
            user=content["username"],
            host=content["hostname"],
            since=content["timestamp"],
        )
    except (OSError, ValueError, KeyError):  # it was just removed, or is not one of Pulumi's
        return None


def release(
    locks: list[Lock], stack: str, report: Callable[[str], None], *, host: str | None = None
) -> None:
    """Remove the locks of processes that have ended on this machine.

    Waits for an update whose verb was killed, because it goes on. Raises ClickException for any
    other update that runs, and for a lock of another machine, which this one cannot judge.
    """
    for lock in locks:
        if lock.host != (host or socket.gethostname()):
            raise click.ClickException(
                f"{lock.user} on {lock.host} (process {lock.pid}) has been changing the stack "
                f"{stack} since {lock.since}. Nothing was changed. Wait until that update has "
                f"ended. If that process no longer runs: pulumi cancel --stack {stack}"
            )
        _wait(lock, stack, report)
        if lock.file.exists():
            lock.file.unlink(missing_ok=True)
            report(f"removed the lock of process {lock.pid}, which was killed")


def _wait(lock: Lock, stack: str, report: Callable[[str], None]) -> None:
    told = False
    while holder := _holder(lock):
        known = processes.running()
        if not processes.is_abandoned(holder, known):
            raise click.ClickException(
                f"process {lock.pid} of this machine has been changing the stack {stack} since "
                f"{lock.since}. Nothing was changed. Wait until it has ended, or interrupt it "
                f"with kill -INT {lock.pid}."
            )
        if not told:
            report(
                f"process {lock.pid} goes on with an update whose command was killed; waiting "
                f"until it has ended (kill -INT {lock.pid} interrupts it)"
            )
            told = True
        time.sleep(PERIOD)


def _holder(lock: Lock) -> Process | None:
    """The process that holds the lock, if it still runs. Its number may be another one's now.

    A process that this user cannot look at counts as the holder, and as not abandoned.
    """
    if holder := processes.running().get(lock.pid):
        return holder if holder.is_pulumi else None
    hidden = Process(pid=lock.pid, parent=0, words=())
    try:
        os.kill(lock.pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return hidden
    # Where /proc shows processes, this one has ended, and its parent has not noticed.
    return None if processes.PROC.is_dir() else hidden
