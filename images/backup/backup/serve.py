"""`backup serve`: receives WAL, runs what is scheduled, and answers Prometheus."""

import logging
import signal
import threading

from prometheus_client.core import Metric

from backup import base_backup, drill, due, metrics, restore, web
from backup.archiving import Archiving
from backup.context import Context
from backup.errors import BackupError
from backup.offsite import backups as offsite
from backup.offsite import requests, restic
from backup.schedules import Schedule, longest_gap
from backup.status import Status, document, status

log = logging.getLogger(__name__)


class Service:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._stopping = False
        self._wake = threading.Event()
        self._archiving = Archiving(
            context.config, context.layout, context.server, context.records, self._wake
        )
        self._intervals: dict[str, float] = {}
        self._backups = due.base_backups(context)
        self._drills = due.drills(context)

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
            self._make_what_is_due()
            self._wake.wait(seconds)
            self._wake.clear()
        log.info("stopping")
        restic.interrupt()
        schedule.stop()
        self._archiving.stop()
        restore.stop_server(self._context)

    def _stop(self, *_: object) -> None:
        self._stopping = True
        self._wake.set()

    def _make_what_is_due(self) -> None:
        if self._archiving.state.state != "streaming":
            return
        self._backups.look()
        # After both were missed, the drill is one of the new backup.
        if not self._backups.running:
            self._drills.look()

    def _schedule(self) -> Schedule:
        """What goes to the bucket. Base backups and drills are made when they are due."""
        config = self._context.config
        self._intervals["backup"] = longest_gap(config.schedule)
        if config.drill:
            self._intervals["drill"] = longest_gap(config.drill)
        schedule = Schedule()
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

    def _open_restore(self) -> None:
        """Go on with a restore that was open when the container ended, and with no drill."""
        drill.clean(self._context.layout)
        due.run_alone(self._context, "recover", restore.reopen, wait=0)
        # A shorter retention makes room at once.
        due.in_background(self._context, "retention", base_backup.apply_retention)

    def _status(self) -> Status:
        return status(self._context, self._archiving.state)

    def _gauges(self) -> list[Metric]:
        return list(metrics.gauges(self._status(), self._intervals))
