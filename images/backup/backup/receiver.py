"""pg_receivewal, which streams the server's WAL into the catalogue."""

import fcntl
import logging
import os
import signal
import subprocess
import threading
from collections import deque
from typing import IO

from backup import wal
from backup.engine import Catalogue
from backup.layout import program
from backup.server import SLOT

log = logging.getLogger(__name__)

STOP_SECONDS = 5


class Receiver:
    """One process. It ends with its connection, so that the server's identity is checked again.
    `ended` is set then."""

    def __init__(self, catalogue: Catalogue, dsn: str, ended: threading.Event) -> None:
        catalogue.streaming.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._ended = ended
        self._lines: deque[str] = deque(maxlen=20)
        self._lock = _locked(catalogue)
        self._process = subprocess.Popen(
            [
                str(program("pg_receivewal")),
                "--no-loop",
                "--no-password",
                f"--directory={catalogue.streaming}",
                f"--dbname={dsn}",
                f"--slot={SLOT}",
                # How far it is reaches the server every second; the metrics ask there.
                "--status-interval=1",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        assert self._process.stderr
        self._reader = threading.Thread(
            target=self._read, args=(self._process.stderr,), daemon=True
        )
        self._reader.start()

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def said(self) -> str:
        """What it said before it ended."""
        self._reader.join(timeout=1)
        return " | ".join(self._lines)

    def stop(self) -> None:
        if self.running:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        os.close(self._lock)

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            self._lines.append(line.strip().removeprefix("pg_receivewal: "))
        self._process.wait()
        self._ended.set()


def repair(catalogue: Catalogue, size: int) -> None:
    """Empty a partial file of a wrong size, as a full volume leaves it: it would not be used."""
    for path in catalogue.streaming.glob(f"*{wal.PARTIAL}"):
        if path.stat().st_size not in (0, size):
            os.truncate(path, 0)


def _locked(catalogue: Catalogue) -> int:
    """Take the lock by which Barman knows that this server's WAL is received."""
    descriptor = os.open(catalogue.receiver_lock, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor
