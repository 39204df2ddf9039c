"""Cron's five fields, in UTC, as the platform's settings and both targets read them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from backup.errors import BackupError

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
ENTRY = re.compile(r"(?:\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>[1-9]\d*))?")
# In so many days from the first one, every date comes at least twice, also 29 February.
FIRST_DAY, CYCLE = date(2024, 1, 1), 8 * 366
# 29 February is eight years apart around 2100.
LONGEST = 2 * CYCLE


@dataclass(frozen=True, kw_only=True)
class Cron:
    """The days and the times of a schedule."""

    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool
    """With both a day of the month and one of the week, either is enough."""
    times: Sequence[time]

    def last(self, moment: float) -> float | None:
        """The last time that the schedule named up to this moment, in seconds since 1970."""
        now = datetime.fromtimestamp(moment, UTC)
        for days in range(LONGEST):
            day = now.date() - timedelta(days=days)
            if self.names(day):
                for one in reversed(self.times):
                    run = datetime.combine(day, one)
                    if run <= now:
                        return run.timestamp()
        return None

    def longest_gap(self) -> float:
        """The seconds between two runs that are furthest apart."""
        days = (FIRST_DAY + timedelta(days=number) for number in range(CYCLE))
        dates = [day for day in days if self.names(day)]
        within = (datetime.combine(FIRST_DAY, one) for one in self.times)
        across = (
            datetime.combine(later, self.times[0]) - datetime.combine(earlier, self.times[-1])
            for earlier, later in pairwise(dates)
        )
        gaps = [*(later - earlier for earlier, later in pairwise(within)), *across]
        return max(gaps, default=timedelta()).total_seconds()

    def names(self, day: date) -> bool:
        of_month, of_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        is_named = of_month or of_week if self.either_day else of_month and of_week
        return day.month in self.months and is_named


def parsed(expression: str) -> Cron:
    try:
        minute, hour, day, month, weekday = expression.split()
        minutes, hours = _numbers(minute, 0, 59), _numbers(hour, 0, 23)
        return Cron(
            days=_numbers(day, 1, 31),
            months=_numbers(month, 1, 12, MONTHS),
            weekdays=_numbers(weekday, 0, 6, WEEKDAYS),
            either_day=day != "*" and weekday != "*",
            times=tuple(
                time(hour, minute, tzinfo=UTC)
                for hour in sorted(hours)
                for minute in sorted(minutes)
            ),
        )
    except ValueError as error:
        raise BackupError(f"`{expression}` is not a schedule of cron: {error}") from error


def _numbers(field: str, lowest: int, highest: int, names: Sequence[str] = ()) -> frozenset[int]:
    """The numbers that a field stands for."""

    def number(word: str) -> int:
        value = lowest + names.index(word.lower()) if word.lower() in names else int(word)
        if not lowest <= value <= highest:
            raise ValueError(f"{word} is not in {lowest} to {highest}")
        return value

    def entries() -> Iterator[range]:
        for entry in field.split(","):
            match = ENTRY.fullmatch(entry)
            if match is None:
                raise ValueError(f"`{entry}` is not understood")
            first, last = match["first"], match["last"]
            start = number(first) if first else lowest
            end = number(last or first) if first else highest
            yield range(start, end + 1, int(match["step"] or 1))

    return frozenset(number for numbers in entries() for number in numbers)
