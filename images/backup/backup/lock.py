"""One command at a time: base backup, restore and drill share the volume and the memory."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backup.errors import Busy


@contextmanager
def only(path: Path, command: str, wait: float = 0) -> Iterator[None]:
    """Hold the lock as this command. Raises Busy, which names the command that has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _acquire(descriptor, time.monotonic() + wait)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, command.encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, end: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                running = os.pread(descriptor, 100, 0).decode() or "another command"
                raise Busy(f"`backup {running}` runs; try again when it has ended") from None
            time.sleep(0.2)
        else:
            return
