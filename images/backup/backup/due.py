"""What is due: base backups and drills that a schedule or a gap asks for, also after a restart.

Nothing is kept in memory about it: the newest backup and the recorded drill say what was missed.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from backup import base_backup, cron, drill, lock, moments
from backup.context import Context
from backup.errors import BackupError

log = logging.getLogger(__name__)

RETRY_SECONDS = (60.0, 1800.0)
"""The first and the longest wait before what is due is tried again."""


class Due:
    """Runs one job in the background while there is a reason for it."""

    def __init__(
        self,
        context: Context,
        name: str,
        reason: Callable[[Context], str | None],
        job: Callable[[Context], Any],
    ) -> None:
        self._context = context
        self._name = name
        self._reason = reason
        self._job = job
        self._thread: threading.Thread | None = None
        self._next = 0.0
        self._wait = RETRY_SECONDS[0]

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def look(self) -> None:
        if self.running:
            return
        try:
            reason = self._reason(self._context)
        except (BackupError, OSError) as error:
            # WAL is received all the same.
            log.error("it is not known whether `backup %s` is due: %s", self._name, error)
            return
        if reason is None:
            self._next, self._wait = 0.0, RETRY_SECONDS[0]
        if reason is None or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self._wait
        self._wait = min(2 * self._wait, RETRY_SECONDS[1])
        log.info("`backup %s` is due: %s", self._name, reason)
        self._thread = in_background(self._context, self._name, self.make)

    def make(self, context: Context) -> None:
        # Another command may have done it while this waited.
        if self._reason(context):
            self._job(context)


def base_backups(context: Context) -> Due:
    return Due(context, "now", backup_reason, base_backup.now)


def drills(context: Context) -> Due:
    return Due(context, "drill", drill_reason, drill.drill)


def backup_reason(context: Context) -> str | None:
    """Why a base backup is due. One that failed stays due."""
    needed = context.records.read().backup_needed
    if needed:
        return needed
    ends = _ends(context)
    return _missed(context.config.schedule, ends[-1]) if ends else "the first"


def drill_reason(context: Context) -> str | None:
    """Why a drill is due. One that failed or was killed waits for the next time of the schedule:
    damage does not go away, and a drill keeps writers waiting."""
    if context.config.drill is None:
        return None
    records = context.records.read()
    if records.backup_needed:
        return None  # no backup is one of the server as it is now
    last = max(records.drill_begun or 0.0, records.drill.at if records.drill else 0.0)
    # A new stack has nothing to catch up, and without a backup there is nothing to drill.
    since = last or min(_ends(context), default=None)
    return None if since is None else _missed(context.config.drill, since)


def _missed(schedule: str, since: float) -> str | None:
    last = cron.parsed(schedule).last(time.time())
    if last is None or last <= since:
        return None
    return f"it was scheduled for {moments.text(last)}"


def _ends(context: Context) -> list[float]:
    """When the complete backups of the present server ended, the oldest first."""
    backups = context.backups.of(context.catalogue())
    return sorted(one.end for one in backups if one.done and one.end is not None)


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
