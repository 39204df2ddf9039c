"""One command at a time: base backup, restore and drill share the volume and the memory."""

import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from backup.errors import Busy

log = logging.getLogger(__name__)

WAIT_SECONDS = 1800.0
"""How long a command waits for another one, such as a job of `backup serve`."""


@contextmanager
def only(path: Path, command: str, wait: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the lock as this command, after any other one. Raises Busy, which names that."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _acquire(descriptor, time.monotonic() + wait)
        _name(descriptor, command)
        yield
        _name(descriptor, "")
    finally:
        os.close(descriptor)


def _name(descriptor: int, command: str) -> None:
    """Tell others which command runs. A full volume has no room for that, and the command that
    makes room has to run there."""
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, command.encode(), 0)


def _acquire(descriptor: int, end: float) -> None:
    waits = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            running = os.pread(descriptor, 100, 0).decode() or "another command"
            if time.monotonic() >= end:
                raise Busy(f"`backup {running}` runs; try again when it has ended") from None
            if not waits:
                log.warning("waiting: `backup %s` runs", running)
            waits = True
            time.sleep(0.2)
        else:
            return
