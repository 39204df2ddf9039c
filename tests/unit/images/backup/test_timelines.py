"""Which timeline a moment belongs to, and which backups it continues."""

import os

import pytest

from backup import timelines
from backup.backups import Backup
from backup.engine import Catalogue
from backup.timelines import Fork, Timeline

HISTORY = (
    "1\t0/5000000\tbefore 2026-11-24 21:00:00+00\n2\t0/8000000\tno recovery target specified\n"
)


def history(catalogue: Catalogue, number: int, since: float, text: str) -> None:
    path = catalogue.wals / f"{number:08X}.history"
    path.write_text(text)
    os.utime(path, (since, since))


def backup(timeline: int, end: int) -> Backup:
    return Backup(id="1", system="7", state="done", timeline=timeline, end_lsn=end)


def test_a_history_file_lists_where_each_ancestor_ended() -> None:
    assert timelines.forks("# comment\n" + HISTORY) == [
        Fork(timeline=1, position=0x5000000),
        Fork(timeline=2, position=0x8000000),
    ]


def test_a_moment_is_on_the_timeline_that_had_begun(catalogue: Catalogue) -> None:
    history(catalogue, 2, 100.0, HISTORY.splitlines()[0])
    history(catalogue, 3, 200.0, HISTORY)
    found = {moment: timelines.at(catalogue, moment).number for moment in (50, 100, 150, 250)}
    assert found == {50: 1, 100: 2, 150: 2, 250: 3}


def test_the_current_timeline_is_the_one_that_is_received(catalogue: Catalogue) -> None:
    assert timelines.current(catalogue).number == 1
    history(catalogue, 2, 100.0, HISTORY.splitlines()[0])
    assert timelines.current(catalogue).number == 2
    # Somebody put the server's old data back.
    (catalogue.streaming / "000000010000000000000006.partial").touch()
    assert timelines.current(catalogue).number == 1


@pytest.mark.parametrize(
    ("of", "end", "continues"),
    [
        (3, 1, True),
        (1, 0x5000000, True),
        (1, 0x5000001, False),
        (2, 0x7000000, True),
        (4, 1, False),
    ],
)
def test_a_timeline_continues_backups_that_ended_before_it_began(
    of: int, end: int, continues: bool
) -> None:
    timeline = Timeline(number=3, since=0, forks=timelines.forks(HISTORY))
    assert timeline.has(backup(of, end)) is continues
