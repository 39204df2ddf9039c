"""What outlives a container."""

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from backup.layout import Layout
from backup.records import Outcome, Records, RecordsFile


def add(path: str, name: str) -> None:
    file = RecordsFile(Path(path))
    for _ in range(20):
        file.change(
            lambda old: replace(old, verified={**old.verified, name: old.verified.get(name, 0) + 1})
        )


def test_what_is_written_is_read_again(places: Layout) -> None:
    file = RecordsFile(places.records)
    assert file.read() == Records()
    outcome = Outcome(at=1.0, ok=False, reason="no room", seconds=2.0)
    written = file.set(system="7", drill=outcome, verified={"1": 3.0})
    assert file.read() == written
    assert places.records.stat().st_mode & 0o777 == 0o600


def test_a_file_of_a_newer_version_is_read(places: Layout) -> None:
    places.records.write_text(json.dumps({"system": "7", "unknown": 1}))
    assert RecordsFile(places.records).read() == Records(system="7")


def test_two_writers_lose_nothing(places: Layout) -> None:
    threads = [
        threading.Thread(target=add, args=(str(places.records), name)) for name in ("a", "b")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert RecordsFile(places.records).read().verified == {"a": 20, "b": 20}


@pytest.mark.parametrize("text", ["", '{"system": ', "[]", '{"drill": {"at": 1}}', '{"drill": 3}'])
def test_a_file_that_cannot_be_read_is_set_aside_and_the_part_goes_on(
    places: Layout, text: str
) -> None:
    places.records.write_text(text)
    file = RecordsFile(places.records)
    assert file.read() == Records()
    assert places.records.with_name("records.json.unreadable").read_text() == text
    assert file.set(system="7") == file.read() == Records(system="7")


def test_what_another_version_wrote_of_a_drill_is_left_out(places: Layout) -> None:
    places.records.write_text(json.dumps({"drill": {"at": 1.0, "ok": True, "pages": 5}}))
    assert RecordsFile(places.records).read().drill == Outcome(at=1.0, ok=True)
