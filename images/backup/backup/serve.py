"""`backup serve`: receives WAL, runs what is scheduled, and answers Prometheus."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from prometheus_client.core import Metric

from backup import base_backup, drill, lock, metrics, restore, web
from backup.archiving import Archiving
from backup.context import Context
from backup.errors import BackupError
from backup.offsite import backups as offsite
from backup.offsite import requests, restic
from backup.schedules import Schedule, longest_gap
from backup.status import Status, document, status

log = logging.getLogger(__name__)

RETRY_SECONDS = (60.0, 1800.0)
"""The first and the longest wait before a due base backup is tried again."""


class Service:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._stopping = False
        self._wake = threading.Event()
        self._archiving = Archiving(
            context.config, context.layout, context.server, context.records, self._wake
        )
        self._intervals: dict[str, float] = {}
        self._due = DueBackup(context)

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self._context.write_engine()
        schedule = self._schedule()
        web.serve(
            self._gauges,
            lambda: document(self._status()),
            request=lambda service: requests.read(self._context.layout, service),
        )
        schedule.start()
        self._open_restore()
        log.info("serving")
        while not self._stopping:
            seconds = self._archiving.look()
            self._due.look(self._archiving.state.state == "streaming")
            self._wake.wait(seconds)
            self._wake.clear()
        log.info("stopping")
        restic.interrupt()
        schedule.stop()
        self._archiving.stop()
        restore.close(self._context)

    def _stop(self, *_: object) -> None:
        self._stopping = True
        self._wake.set()

    def _schedule(self) -> Schedule:
        config = self._context.config
        jobs: list[tuple[str, str | None, Callable[[Context], Any]]] = [
            ("backup", config.schedule, base_backup.now),
            ("drill", config.drill, drill.drill),
        ]
        schedule = Schedule()
        for name, expression, job in jobs:
            if expression:
                self._intervals[name] = longest_gap(expression)
                schedule.add(name, expression, partial(self._job, name, job))
        if config.offsite:
            self._intervals["offsite"] = longest_gap(config.offsite.schedule)
            copies = offsite.Copies(self._context, lambda: self._archiving.state.caught_up)
            schedule.add("offsite", config.offsite.schedule, lambda: self._send(copies))
        return schedule

    def _send(self, copies: offsite.Copies) -> None:
        """Bring the bucket up to date. What fails is recorded and logged."""
        try:
            copies.run()
        except BackupError as error:
            log.error("offsite: %s", error)
        except Exception:
            log.exception("offsite failed")

    def _job(self, name: str, job: Callable[[Context], Any]) -> None:
        run_alone(self._context, name, job)

    def _open_restore(self) -> None:
        """Go on with a restore that was open when the container ended, and with no drill."""
        drill.clean(self._context.layout)
        if restore.current(self._context.layout):
            run_alone(self._context, "recover", restore.open_server, wait=0)
        # A shorter retention makes room at once.
        in_background(self._context, "retention", base_backup.apply_retention)

    def _status(self) -> Status:
        return status(self._context, self._archiving.state)

    def _gauges(self) -> list[Metric]:
        return list(metrics.gauges(self._status(), self._intervals))


class DueBackup:
    """Makes a base backup when one is needed at once: the first, and one after a gap."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._thread: threading.Thread | None = None
        self._next = 0.0
        self._wait = RETRY_SECONDS[0]

    def look(self, streaming: bool) -> None:
        if not streaming or (self._thread and self._thread.is_alive()):
            return
        reason = self._reason()
        if reason is None:
            self._next, self._wait = 0.0, RETRY_SECONDS[0]
        if reason is None or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self._wait
        self._wait = min(2 * self._wait, RETRY_SECONDS[1])
        log.info("a base backup is due: %s", reason)
        self._thread = in_background(self._context, "now", self._make)

    def _make(self, context: Context) -> None:
        # Another command may have made one while this waited.
        if self._reason():
            base_backup.now(context)

    def _reason(self) -> str | None:
        records = self._context.records.read()
        if records.backup_needed:
            return records.backup_needed
        catalogue = self._context.catalogue()
        return None if any(one.done for one in self._context.backups.of(catalogue)) else "the first"


def in_background(context: Context, name: str, job: Callable[[Context], Any]) -> threading.Thread:
    thread = threading.Thread(target=run_alone, args=(context, name, job), daemon=True)
    thread.start()
    return thread


def run_alone(
    context: Context, name: str, job: Callable[[Context], Any], wait: float = lock.WAIT_SECONDS
) -> None:
    try:
        with lock.only(context.layout.lock, name, wait=wait):
            job(context)
    except BackupError as error:
        log.error("%s: %s", name, error)
    except Exception:
        log.exception("%s failed", name)
