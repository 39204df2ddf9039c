"""Decisions that are written all the time, and which of them must come back after a restore."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2

from tests.e2e.test_life import OBSERVATION

# Seconds before the loss of a volume. What was acknowledged earlier comes back.
RPO = 5
PAUSE = 0.02
COLUMNS = ("id", "label", "outcome", "model")
QUERY = f"SELECT {', '.join(COLUMNS)} FROM decisions"  # noqa: S608 (constants)


@dataclass
class Written:
    """The acknowledged decisions by id, and when each was acknowledged on time.monotonic's
    clock."""

    rows: dict[str, str] = field(default_factory=dict)
    at: dict[str, float] = field(default_factory=dict)
    failed: int = 0

    def add(self, answer: Mapping[str, str]) -> None:
        identity = answer["id"]
        self.rows[identity] = "|".join(answer[column] for column in COLUMNS)
        self.at[identity] = time.monotonic()


@contextmanager
def writing(client: Callable[[], httpx2.Client]) -> Iterator[Written]:
    """Write decisions through the web tier during the block, whatever it answers."""
    written, stop = Written(), threading.Event()

    def write() -> None:
        with client() as web:
            while not stop.is_set():
                try:
                    answer = web.post("/api/decisions", json=OBSERVATION)
                    answer.raise_for_status()
                    written.add(answer.json())
                except (httpx2.HTTPError, ValueError):
                    written.failed += 1
                time.sleep(PAUSE)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield written
    finally:
        stop.set()
        thread.join()


def lost(written: Written, at: float, lines: Iterable[str]) -> float:
    """How many seconds before the loss of the volume the oldest decision was acknowledged that did
    not come back. `lines` are the rows that psql prints now.

    Fails if one is missing that was acknowledged `RPO` seconds before, or has another content.
    """
    back = {line.partition("|")[0]: line for line in lines}
    owed = {identity for identity, time in written.at.items() if time <= at - RPO}
    assert len(owed) > 100
    present = {identity: row for identity, row in back.items() if identity in owed}
    assert len(present) == len(owed)
    assert checksum(present.values()) == checksum(written.rows[identity] for identity in owed)
    acknowledged = {identity: time for identity, time in written.at.items() if time <= at}
    gone = [at - time for identity, time in acknowledged.items() if identity not in back]
    return max(gone, default=0.0)


def checksum(rows: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()
