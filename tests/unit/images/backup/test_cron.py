"""Cron's fields are read as the platform's settings read them, which the image cannot import."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from backup import cron
from backup.errors import BackupError
from components.settings import schedules

TIMES = ("5-59/20 1,13", "0,30 8-17/3")
DAYS = ("*", "1", "*/2", "29-31", "1-7/3,15")
MONTHS = ("*", "feb", "1-6/2", "JUN,dec")
WEEKDAYS = ("*", "1", "*/2", "sun", "Mon-fri", "0,6", "1-6/2")
EXPRESSIONS = tuple(
    f"{times} {day} {month} {weekday}"
    for times, day, month, weekday in product(TIMES, DAYS, MONTHS, WEEKDAYS)
)
# The 1st of January 2027 is a Friday.
NOW = datetime(2027, 1, 1, 12, tzinfo=UTC)


def last(expression: str, now: datetime = NOW) -> str | None:
    moment = cron.parsed(expression).last(now.timestamp())
    return None if moment is None else f"{datetime.fromtimestamp(moment, UTC):%a %Y-%m-%d %H:%M}"


def test_the_longest_gap_is_that_of_the_settings() -> None:
    gaps = {one: cron.parsed(one).longest_gap() for one in EXPRESSIONS}
    assert gaps == {one: schedules.longest_gap(one) for one in EXPRESSIONS}


def test_either_of_two_days_is_enough() -> None:
    assert cron.parsed("0 2 1 * 1").longest_gap() == timedelta(days=7).total_seconds()


@pytest.mark.parametrize(
    ("expression", "moment"),
    [
        ("0 12 * * *", "Fri 2027-01-01 12:00"),
        ("1 12 * * *", "Thu 2026-12-31 12:01"),
        ("*/25 3,15 * * *", "Fri 2027-01-01 03:50"),
        # Cron counts from Sunday.
        ("0 2 * * */2", "Thu 2026-12-31 02:00"),
        ("0 2 * * 0", "Sun 2026-12-27 02:00"),
        ("0 2 * * mon-Wed", "Wed 2026-12-30 02:00"),
        ("0 2 25 * 3", "Wed 2026-12-30 02:00"),
        ("0 2 31 * 3", "Thu 2026-12-31 02:00"),
        ("0 2 25 * *", "Fri 2026-12-25 02:00"),
        ("0 0 29 2 *", "Thu 2024-02-29 00:00"),
        ("0 0 31 2 *", None),
    ],
)
def test_the_last_time_of_a_schedule(expression: str, moment: str | None) -> None:
    assert last(expression) == moment


@pytest.mark.parametrize("expression", ["0 2 * *", "60 2 * * *", "0 2 * * 7", "0 2 * * */0", "@"])
def test_what_is_not_cron_is_named(expression: str) -> None:
    with pytest.raises(BackupError, match="is not a schedule of cron"):
        cron.parsed(expression)
