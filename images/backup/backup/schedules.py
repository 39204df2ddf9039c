"""Schedules in cron's five fields, in UTC."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from backup.errors import BackupError

LATE_SECONDS = 3600
"""A job that could not start in its minute still starts within this time."""
LOOKS = 60
"""Runs that are looked at for the longest gap between two."""
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Schedule:
    def __init__(self) -> None:
        self._scheduler = BackgroundScheduler(timezone=UTC)

    def add(self, name: str, expression: str, job: Callable[[], None]) -> None:
        self._scheduler.add_job(
            job,
            trigger(expression),
            id=name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=LATE_SECONDS,
        )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)


def trigger(expression: str) -> Any:
    minute, hour, day, month, weekday = expression.split()
    fields = f"{minute} {hour} {day} {month} {_weekdays(weekday)}"
    try:
        return CronTrigger.from_crontab(fields, timezone=UTC)
    except ValueError as error:
        raise BackupError(f"`{expression}` is not a schedule of cron: {error}") from error


def longest_gap(expression: str) -> float:
    """The seconds between two runs that are furthest apart."""
    chosen = trigger(expression)
    gaps = [0.0]
    last = None
    moment = datetime.now(UTC)
    for _ in range(LOOKS):
        run = chosen.get_next_fire_time(None, moment)
        if run is None:
            break
        if last is not None:
            gaps.append((run - last).total_seconds())
        last, moment = run, run + timedelta(seconds=1)
    return max(gaps)


def _weekdays(field: str) -> str:
    """Cron's 0 is Sunday, and the scheduler's is Monday: names mean the same to both."""
    field, slash, step = field.partition("/")
    words = "".join(f" {char} " if char in ",-" else char for char in field).split()
    named = "".join(DAYS[int(word)] if word.isdigit() and int(word) < 8 else word for word in words)
    return f"{named}{slash}{step}"
