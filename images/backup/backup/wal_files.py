"""Whether the WAL between two positions is here and undamaged. What is wrong is named."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from backup import wal
from backup.engine import Catalogue
from backup.errors import BackupError
from backup.layout import program
from backup.programs import ProgramFailed, run
from backup.timelines import Timeline
from backup.wal import Segment

RECORD = re.compile(r"(?:record (?:at )?|at )([0-9A-F]+/[0-9A-F]+)")
SEGMENT = re.compile(r"segment ([0-9A-F]{24})")


class Damaged(BackupError):
    """A file of a backup or of WAL is missing or not what it was. The message names it."""


def check(
    catalogue: Catalogue, timeline: int, begin: int, end: int, scratch: Path, size: int
) -> None:
    """Check the files of a timeline from one position to another. Raises Damaged."""
    for last in (False, False, True):
        try:
            _check(catalogue, timeline, (begin, end), scratch, size)
        except Damaged:
            # A file has another place once it is complete, and another one in the archive.
            if last or all(link.exists() for link in scratch.iterdir()):
                raise
        else:
            break
        finally:
            shutil.rmtree(scratch)


def _check(
    catalogue: Catalogue, timeline: int, positions: tuple[int, int], scratch: Path, size: int
) -> None:
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    begin, end = positions
    for segment in _segments(timeline, begin, end, size):
        path = find(catalogue, segment.name)
        if path is None:
            raise Damaged(f"the WAL file {segment.name} is missing")
        actual = path.stat().st_size
        if actual != size:
            raise Damaged(f"the WAL file {path.name} has {actual} bytes instead of {size}")
        (scratch / segment.name).symlink_to(path)
    try:
        run(
            program("pg_waldump"),
            "--quiet",
            f"--path={scratch}",
            f"--timeline={timeline}",
            f"--start={wal.text(begin)}",
            f"--end={wal.text(end)}",
        )
    except ProgramFailed as error:
        name = _blamed(error.output, timeline, size)
        raise Damaged(f"the WAL file {name} is damaged: {error}") from error


def check_to_the_end(
    catalogue: Catalogue, timeline: Timeline, begin: int, scratch: Path, size: int
) -> None:
    """Check the WAL from a position to the newest file of a timeline. Raises Damaged."""
    for fork in timeline.forks:
        if fork.position > begin:
            check(catalogue, fork.timeline, begin, fork.position, scratch, size)
            begin = fork.position
    folders = (catalogue.streaming, *catalogue.wals.glob(f"{timeline.number:08X}*"))
    files = [wal.newest(folder, size, timeline.number) for folder in folders]
    end = max((one.number * size for one in files if one), default=0)
    if end > begin:
        check(catalogue, timeline.number, begin, end, scratch, size)


def find(catalogue: Catalogue, name: str) -> Path | None:
    """Where a WAL file is: in the archive, or still where it was received."""
    archived = catalogue.wals / wal.directory(name) / name
    received = catalogue.streaming / name
    partial = f"{name}{wal.PARTIAL}"
    # The last file of an old timeline is archived as it is. Others move while this looks.
    places = (received, received.with_name(partial), archived, archived.with_name(partial))
    for path in (archived, *places):
        if path.exists():
            return path
    return None


def _segments(timeline: int, begin: int, end: int, size: int) -> Iterator[Segment]:
    for number in range(begin // size, (end - 1) // size + 1):
        yield Segment(number=number, timeline=timeline, size=size)


def _blamed(output: str, timeline: int, size: int) -> str:
    """The file that pg_waldump complains about: by its name, or by the position of a record."""
    named = SEGMENT.search(output)
    if named:
        return named[1]
    positions = [wal.position(text) for text in RECORD.findall(output)]
    # The last one is the record that is wrong; the first one is where it looked from.
    number = positions[-1] // size if positions else 0
    return Segment(number=number, timeline=timeline, size=size).name
