"""Schedules of five cron fields, in the notation that both targets understand alike.

Kubernetes and the scheduler of the Docker target both read more, but not the same: a 7 for Sunday,
`@daily`, `L` and seconds are among the differences.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
# The most days that each month may have.
DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ENTRY = re.compile(r"(?:\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d+))?")


@dataclass(frozen=True, kw_only=True)
class _Field:
    name: str
    lowest: int
    highest: int
    names: Sequence[str] = ()

    def values(self, text: str) -> set[int]:
        """The numbers that a field stands for. Raises ValueError with what it may be."""
        return {number for entry in text.split(",") for number in self._entry(entry)}

    def _entry(self, entry: str) -> Iterator[int]:
        match = _ENTRY.fullmatch(entry)
        if match is None:
            raise ValueError(self._allowed(entry))
        first, last, step = match["first"], match["last"], int(match["step"] or 1)
        start = self.lowest if first is None else self._number(first, entry)
        # A step needs a range to take its steps in.
        if step < 1 or (match["step"] and first is not None and last is None):
            raise ValueError(self._allowed(entry))
        end = self.highest if first is None else start
        if last is not None:
            end = self._number(last, entry)
        if end < start:
            raise ValueError(self._allowed(entry))
        yield from range(start, end + 1, step)

    def _number(self, word: str, entry: str) -> int:
        if word.lower() in self.names:
            return self.lowest + self.names.index(word.lower())
        if not word.isascii() or not word.isdigit():
            raise ValueError(self._allowed(entry))
        number = int(word)
        if not self.lowest <= number <= self.highest:
            raise ValueError(self._allowed(entry))
        return number

    def _allowed(self, entry: str) -> str:
        names = f" or {self.names[0]} to {self.names[-1]}" if self.names else ""
        return (
            f"five cron fields; in the {self.name}, `{entry}` is not `*`, {self.lowest} to "
            f"{self.highest}{names}, a range such as `{self.lowest}-{self.lowest + 1}`, or a step "
            "such as `*/2`"
        )


_MINUTE = _Field(name="minute", lowest=0, highest=59)
_HOUR = _Field(name="hour", lowest=0, highest=23)
_DAY = _Field(name="day of the month", lowest=1, highest=31)
_MONTH = _Field(name="month", lowest=1, highest=12, names=MONTHS)
_WEEKDAY = _Field(name="day of the week", lowest=0, highest=6, names=WEEKDAYS)
_FIELDS = (_MINUTE, _HOUR, _DAY, _MONTH, _WEEKDAY)
# A leap year, and the days in which every date comes twice, also 29 February.
_FIRST_DAY, _CYCLE = date(2024, 1, 1), 8 * 366


def _schedule(value: str) -> str:
    texts = value.split()
    if len(texts) != len(_FIELDS):
        raise ValueError(
            "five cron fields: minute, hour, day of the month, month, day of the week, such as "
            "`0 3 * * *`"
        )
    _, _, days, months, _ = (field.values(text) for field, text in zip(_FIELDS, texts, strict=True))
    # With a day of the week, either of the two days is enough.
    if texts[-1] == "*" and min(days) > max(DAYS[month - 1] for month in months):
        raise ValueError("a date that exists: none of these months has such a day")
    return " ".join(texts)


def longest_gap(schedule: str) -> int:
    """The seconds between two moments of a schedule at most, in UTC."""
    texts = schedule.split()
    minutes, hours, days, months, weekdays = (
        field.values(text) for field, text in zip(_FIELDS, texts, strict=True)
    )
    of_month, of_week = texts[2] != "*", texts[4] != "*"

    def runs(day: date) -> bool:
        in_month, in_week = day.day in days, day.isoweekday() % 7 in weekdays
        either = in_month or in_week if of_month and of_week else in_month and in_week
        return day.month in months and either

    dates = [day for day in map(_FIRST_DAY.__add__, map(timedelta, range(_CYCLE))) if runs(day)]
    times = [time(hour, minute, tzinfo=UTC) for hour in sorted(hours) for minute in sorted(minutes)]
    # Between two days of a schedule, the gap from the last moment of one to the first of the next.
    within = (datetime.combine(_FIRST_DAY, moment) for moment in times)
    across = (
        datetime.combine(later, times[0]) - datetime.combine(earlier, times[-1])
        for earlier, later in pairwise(dates)
    )
    return int(max((*(b - a for a, b in pairwise(within)), *across)).total_seconds())


Schedule = Annotated[str, AfterValidator(_schedule)]
