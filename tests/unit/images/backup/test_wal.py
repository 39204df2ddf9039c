"""Names and positions of WAL."""

from pathlib import Path

import pytest

from backup import wal
from backup.wal import Segment

SIZE = 16 * 2**20


@pytest.mark.parametrize(
    ("name", "number", "timeline"),
    [
        ("000000010000000000000001", 1, 1),
        ("0000000A00000001000000FF", 0x1FF, 10),
        ("000000020000000200000000.partial", 0x200, 2),
    ],
)
def test_a_name_and_its_segment_are_the_same(name: str, number: int, timeline: int) -> None:
    segment = wal.segment(name, SIZE)
    assert segment == Segment(number=number, timeline=timeline, size=SIZE)
    assert segment.name == name.removesuffix(wal.PARTIAL)
    assert segment.end == (number + 1) * SIZE


@pytest.mark.parametrize(
    "name",
    ["00000002.history", "000000010000000000000001.tmp", "xlog.db", "00000001000000000000000G"],
)
def test_other_files_are_no_segments(name: str) -> None:
    assert wal.segment(name, SIZE) is None


@pytest.mark.parametrize("text", ["0/3000028", "1/FFFFFFFF", "AB/0"])
def test_a_position_is_a_number_and_back(text: str) -> None:
    assert wal.text(wal.position(text)) == text


def test_the_newest_file_is_the_furthest_one_whatever_its_timeline(tmp_path: Path) -> None:
    assert wal.newest(tmp_path / "none", SIZE) is None
    for name in (
        "000000020000000000000003",
        "000000010000000000000004.partial",
        "00000002.history",
    ):
        (tmp_path / name).touch()
    newest = wal.newest(tmp_path, SIZE)
    assert newest
    assert (newest.number, newest.timeline) == (4, 1)


def test_a_complete_file_waits_unless_the_receiver_needs_it(tmp_path: Path) -> None:
    assert not wal.has_complete(tmp_path / "none")
    (tmp_path / "000000010000000000000001").touch()
    assert not wal.has_complete(tmp_path)
    (tmp_path / "000000010000000000000002.partial").touch()
    assert wal.has_complete(tmp_path)


def test_the_size_of_files_is_that_of_a_whole_one(tmp_path: Path) -> None:
    assert wal.segment_size(tmp_path) == SIZE
    folder = tmp_path / "0000000100000000"
    folder.mkdir()
    (folder / "000000010000000000000001").write_bytes(b"x" * 300)
    (folder / "000000010000000000000002").write_bytes(b"x" * 100)
    assert wal.segment_size(tmp_path) == 300
