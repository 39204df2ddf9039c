"""Jobs that run on a schedule."""

import threading

import pytest

from backup import schedules
from backup.schedules import Schedule

MINUTE = 60.0


def test_runs_that_were_missed_become_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "LOOK_SECONDS", 0.001)
    # The machine sleeps for an hour, wakes, and two more minutes pass.
    moments = [0.0, 1.0, 3601.0, 3602.0, 3603.0, 3661.0]
    runs: list[float] = []
    ended = threading.Event()
    now = 0.0

    def clock() -> float:
        nonlocal now
        if not moments:
            schedule.stop()
            ended.set()
            return now
        now = moments.pop(0)
        return now

    schedule = Schedule(clock)
    schedule.add("offsite", "* * * * *", lambda: runs.append(now))
    schedule.start()
    assert ended.wait(10)
    assert runs == [3601.0, 3661.0]
