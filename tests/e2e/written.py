"""Decisions that are written all the time, and which of them the platform has acknowledged."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2

from tests.e2e.test_life import OBSERVATION

PAUSE = 0.02


@dataclass
class Written:
    """The ids of acknowledged decisions, and when each was acknowledged on time.monotonic's
    clock."""

    at: dict[str, float] = field(default_factory=dict)
    failed: int = 0

    def before(self, moment: float) -> set[str]:
        return {identity for identity, time in self.at.items() if time <= moment}


@contextmanager
def writing(client: Callable[[], httpx2.Client]) -> Iterator[Written]:
    """Write decisions through the web tier during the block, whatever it answers."""
    written, stop = Written(), threading.Event()

    def write() -> None:
        with client() as web:
            while not stop.is_set():
                try:
                    answer = web.post("/api/decisions", json=OBSERVATION)
                    identity = answer.json()["id"] if answer.status_code == 201 else None
                except (httpx2.HTTPError, ValueError):
                    identity = None
                if identity:
                    written.at[identity] = time.monotonic()
                else:
                    written.failed += 1
                time.sleep(PAUSE)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield written
    finally:
        stop.set()
        thread.join()
