"""Runs jobs on schedules of cron."""

import threading
import time
from collections.abc import Callable

from backup import cron

LOOK_SECONDS = 5.0


class Schedule:
    """Each job has a thread, so it waits for its own last run only. Runs that were missed during
    that, or while the machine slept, become one."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    def add(self, name: str, expression: str, job: Callable[[], None]) -> None:
        """Run the job at the times of this expression from now on. It must not raise."""
        arguments = (cron.parsed(expression), job, self._clock())
        thread = threading.Thread(target=self._run, args=arguments, name=name, daemon=True)
        self._threads.append(thread)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Begin no further run."""
        self._stopped.set()

    def _run(self, times: cron.Cron, job: Callable[[], None], ran: float) -> None:
        while not self._stopped.wait(LOOK_SECONDS):
            now = self._clock()
            due = times.last(now)
            if due is not None and due > ran:
                ran = now
                job()


def longest_gap(expression: str) -> float:
    """The seconds between two runs that are furthest apart."""
    return cron.parsed(expression).longest_gap()
