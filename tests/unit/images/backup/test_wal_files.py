"""WAL files that are missing or damaged are named."""

import os
from pathlib import Path

import pytest

from backup import wal_files
from backup.engine import Catalogue
from backup.programs import ProgramFailed
from backup.wal_files import Damaged

SIZE = 2**20
NAMES = [f"00000001000000000000000{number}" for number in range(1, 4)]


@pytest.fixture
def whole(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """Two files in the archive and one that is being received, and a pg_waldump without a word."""
    monkeypatch.setenv("PG_MAJOR", "15")
    monkeypatch.setattr(wal_files, "run", lambda *_: "")
    folder = catalogue.wals / NAMES[0][:16]
    folder.mkdir()
    for name in NAMES[:2]:
        (folder / name).write_bytes(b"x" * SIZE)
    (catalogue.streaming / f"{NAMES[2]}.partial").write_bytes(b"x" * SIZE)
    return catalogue


def check(catalogue: Catalogue, scratch: Path) -> None:
    wal_files.check(catalogue, 1, SIZE + 40, 3 * SIZE + 100, scratch, SIZE)


def test_whole_files_are_well(whole: Catalogue, tmp_path: Path) -> None:
    check(whole, tmp_path / "links")
    assert not (tmp_path / "links").exists()


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_missing_file_is_named(whole: Catalogue, tmp_path: Path, number: int) -> None:
    path = wal_files.find(whole, NAMES[number])
    assert path
    path.unlink()
    with pytest.raises(Damaged, match=f"the WAL file {NAMES[number]} is missing"):
        check(whole, tmp_path / "links")


def test_a_truncated_file_is_named(whole: Catalogue, tmp_path: Path) -> None:
    path = wal_files.find(whole, NAMES[1])
    assert path
    os.truncate(path, 5)
    with pytest.raises(Damaged, match=f"{NAMES[1]} has 5 bytes instead of {SIZE}"):
        check(whole, tmp_path / "links")


@pytest.mark.parametrize(
    "said",
    [
        "error in WAL record at 0/100028: incorrect data checksum in record at 0/200060",
        f"invalid magic number 0000 in log segment {NAMES[1]}, offset 0",
        "error in WAL record at 0/1FFFF8: invalid record length at 0/200010: wanted 24, got 0",
    ],
)
def test_a_file_that_does_not_read_is_named(
    whole: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    def fail(*_: object) -> str:
        raise ProgramFailed("pg_waldump", 1, f"pg_waldump: error: {said}")

    monkeypatch.setattr(wal_files, "run", fail)
    with pytest.raises(Damaged, match=f"the WAL file {NAMES[1]} is damaged"):
        check(whole, tmp_path / "links")


def test_a_file_that_moves_while_it_is_read_is_read_again(
    whole: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    received = whole.streaming / f"{NAMES[2]}.partial"
    calls = []

    def move(*_: object) -> str:
        calls.append(1)
        if len(calls) == 1:
            received.rename(received.with_suffix(""))
            raise ProgramFailed("pg_waldump", 1, "could not open file")
        return ""

    monkeypatch.setattr(wal_files, "run", move)
    check(whole, tmp_path / "links")
    assert len(calls) == 2
