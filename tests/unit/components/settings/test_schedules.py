"""Schedules of five cron fields."""

import pytest
from pydantic import TypeAdapter, ValidationError

from components.settings.schedules import Schedule, longest_gap

ADAPTER = TypeAdapter(Schedule)


@pytest.mark.parametrize(
    "schedule",
    [
        "* * * * *",
        "0 3 * * *",
        "*/15 0-6,20-23 1,15 */2 1-5",
        "59 23 31 12 6",
        "0 0 29 2 *",
        "0 4 1-7/2 jan-Mar SUN",
        "0 0 31 2 mon",
    ],
    ids=[
        "every minute",
        "every day",
        "lists, ranges and steps",
        "the highest values",
        "a leap day",
        "names",
        "a day of the week beside a day that February lacks",
    ],
)
def test_a_schedule_has_five_fields(schedule: str) -> None:
    assert ADAPTER.validate_python(schedule) == schedule


def test_extra_white_space_of_a_schedule_is_dropped() -> None:
    assert ADAPTER.validate_python(" 0  3 * *\t* ") == "0 3 * * *"


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ("@daily", "five cron fields: minute"),
        ("0 3 * *", "five cron fields: minute"),
        ("0 0 3 * * *", "five cron fields: minute"),
        ("60 * * * *", "in the minute, `60` is not `*`, 0 to 59"),
        ("* 24 * * *", "in the hour, `24` is not"),
        ("* * 0 * *", "in the day of the month, `0` is not"),
        ("* * * 13 *", "in the month, `13` is not `*`, 1 to 12 or jan to dec"),
        ("* * * * 7", "in the day of the week, `7` is not `*`, 0 to 6 or sun to sat"),
        ("5-1 * * * *", "in the minute, `5-1` is not"),
        ("*/0 * * * *", "in the minute, `*/0` is not"),
        ("5/10 * * * *", "in the minute, `5/10` is not"),
        ("1,,2 * * * *", "in the minute, `` is not"),
        ("* * L * *", "in the day of the month, `L` is not"),
        ("* * * * ²", "in the day of the week, `²` is not"),
        ("0 0 30 2 *", "a date that exists"),
        ("0 0 31 4,6,9,11 *", "a date that exists"),
    ],
)
def test_other_schedules_are_refused_with_the_field(schedule: str, words: str) -> None:
    with pytest.raises(ValidationError) as error:
        ADAPTER.validate_python(schedule)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("schedule", "hours"),
    [
        ("*/15 * * * *", 0.25),
        ("0 2 * * *", 24),
        ("30 0,18 * * *", 18),
        ("0 4 * * mon", 7 * 24),
        ("30 1 * * 1-5", 3 * 24),
        ("0 3 1 * *", 31 * 24),
        # Either of the two days is enough.
        ("0 0 13 * 5", 7 * 24),
        ("0 3 29 2 *", (4 * 365 + 1) * 24),
    ],
)
def test_the_longest_gap_of_a_schedule_counts_days_without_a_run(
    schedule: str, hours: float
) -> None:
    assert longest_gap(schedule) == hours * 3600
