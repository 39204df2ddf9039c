"""One command at a time."""

import os
import threading

import pytest

from backup import lock
from backup.errors import Busy
from backup.layout import Layout


def test_the_second_command_learns_which_one_runs(places: Layout) -> None:
    second = lock.only(places.lock, "now", wait=0)
    with lock.only(places.lock, "drill"), pytest.raises(Busy, match="`backup drill` runs"), second:
        pass
    with lock.only(places.lock, "now"):
        assert places.lock.read_text() == "now"


def test_a_command_waits_as_long_as_it_is_told(places: Layout) -> None:
    second = lock.only(places.lock, "now", wait=5)
    first = lock.only(places.lock, "recover")
    first.__enter__()
    release = threading.Timer(0.3, first.__exit__, (None, None, None))
    release.start()
    with second:
        assert places.lock.read_text() == "now"


def test_a_command_runs_where_the_volume_has_no_room_for_its_name(
    places: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    second = lock.only(places.lock, "now", wait=0)
    with lock.only(places.lock, "offsite"), pytest.raises(Busy, match="another command"), second:
        pass
