"""Base backups and drills that are due, from what the volume says about earlier ones."""

import time
from types import SimpleNamespace
from typing import Any, cast

import pytest

from backup import base_backup, drill, due, moments
from backup.context import Context
from backup.layout import Layout
from backup.records import Outcome, RecordsFile

NEVER = "0 0 29 2 *"
NIGHTLY = "0 2 * * *"


def at(text: str) -> float:
    return moments.parsed(f"2026-11-{text}")


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: at("24 09:00"))


def part(
    places: Layout, *ends: float, schedule: str = NIGHTLY, drill: str | None = None
) -> Context:
    backups = [SimpleNamespace(done=True, end=end) for end in ends]
    backups.append(SimpleNamespace(done=False, end=None))
    return cast(
        Context,
        SimpleNamespace(
            layout=places,
            records=RecordsFile(places.records),
            config=SimpleNamespace(schedule=schedule, drill=drill),
            backups=SimpleNamespace(of=lambda _: backups),
            catalogue=lambda: None,
        ),
    )


def test_the_first_base_backup_is_due_at_once(places: Layout) -> None:
    assert due.backup_reason(part(places, schedule=NEVER)) == "the first"


def test_a_base_backup_is_due_after_a_gap_whatever_the_schedule_says(places: Layout) -> None:
    context = part(places, at("24 08:59"), schedule=NEVER)
    assert due.backup_reason(context) is None
    context.records.set(backup_needed="the server is another one")
    assert due.backup_reason(context) == "the server is another one"


def test_a_base_backup_that_the_night_missed_is_made_up_for(places: Layout) -> None:
    missed = due.backup_reason(part(places, at("22 02:01"), at("23 02:01")))
    assert missed == "it was scheduled for 2026-11-24T02:00:00Z"
    assert due.backup_reason(part(places, at("23 02:01"), at("24 02:01"))) is None


def test_a_base_backup_that_failed_is_still_due(places: Layout) -> None:
    context = part(places, at("23 02:01"))
    context.records.set(attempt=Outcome(at=at("24 02:01"), ok=False))
    assert due.backup_reason(context)


def test_a_drill_that_the_night_missed_is_made_up_for(places: Layout) -> None:
    context = part(places, at("20 02:01"), drill="0 4 * * *")
    context.records.set(drill=Outcome(at=at("23 04:02"), ok=True), drill_begun=at("23 04:00"))
    assert due.drill_reason(context) == "it was scheduled for 2026-11-24T04:00:00Z"


@pytest.mark.parametrize(
    "record",
    [
        {"drill": Outcome(at=at("24 04:02"), ok=True)},
        {"drill": Outcome(at=at("24 04:02"), ok=False)},
        # Its container was killed: the next one would be killed too.
        {"drill": Outcome(at=at("23 04:02"), ok=True), "drill_begun": at("24 04:00")},
    ],
)
def test_a_drill_that_was_tried_waits_for_its_next_time(
    places: Layout, record: dict[str, Any]
) -> None:
    context = part(places, at("20 02:01"), drill="0 4 * * *")
    context.records.set(**record)
    assert due.drill_reason(context) is None


@pytest.mark.parametrize(
    ("ends", "schedule", "is_due"),
    [
        ((), "0 4 * * *", False),
        ((at("24 08:59"),), "0 4 * * *", False),
        ((at("24 03:59"), at("24 08:59")), "0 4 * * *", True),
        ((at("24 03:59"),), NEVER, False),
        ((at("24 03:59"),), None, False),
    ],
)
def test_the_first_drill_waits_for_a_time_of_the_schedule_after_the_first_backup(
    places: Layout, ends: tuple[float, ...], schedule: str | None, is_due: bool
) -> None:
    assert bool(due.drill_reason(part(places, *ends, drill=schedule))) is is_due


def test_what_is_due_is_not_done_twice(places: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    """`backup now` ran while the part waited for its turn."""
    context = part(places, at("24 02:01"))
    made: list[Context] = []
    monkeypatch.setattr(base_backup, "now", made.append)
    one = due.base_backups(context)
    one.make(context)
    assert made == []
    context.records.set(backup_needed="the server is another one")
    one.make(context)
    assert made == [context]


def test_what_fails_is_tried_again_after_longer_and_longer(
    places: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = part(places)
    clock, tries = SimpleNamespace(now=0), []
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    thread = SimpleNamespace(is_alive=lambda: False)

    def begin(*_: object) -> Any:
        tries.append(clock.now)
        return thread

    monkeypatch.setattr(due, "in_background", begin)
    one = due.base_backups(context)
    for second in range(1, 400):
        clock.now = second
        one.look()
    assert tries == [1, 61, 181]
    # One that still runs is not begun again.
    thread.is_alive = lambda: True
    clock.now = 10_000
    one.look()
    assert tries == [1, 61, 181]


def test_a_volume_that_cannot_be_read_does_not_end_the_part(places: Layout) -> None:
    context = part(places)

    def fail(_: object) -> Any:
        raise OSError("Input/output error")

    cast(Any, context).backups = SimpleNamespace(of=fail)
    one = due.base_backups(context)
    one.look()
    assert not one.running


def test_a_drill_waits_for_a_backup_of_the_server_as_it_is_now(places: Layout) -> None:
    context = part(places, at("20 02:01"), drill="0 4 * * *")
    assert due.drill_reason(context)
    context.records.set(backup_needed="the server is another one")
    assert due.drill_reason(context) is None


def test_a_drill_says_that_it_begins(places: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    context = part(places, at("20 02:01"), drill="0 4 * * *")

    def killed(_: object) -> Any:
        raise SystemExit

    monkeypatch.setattr(drill, "clean", killed)
    with pytest.raises(SystemExit):
        drill.drill(context)
    assert due.drill_reason(context) is None
