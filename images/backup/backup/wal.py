"""Names of WAL files, and the files that a receiver leaves."""

import re
from dataclasses import dataclass
from pathlib import Path

NAME = re.compile(r"([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})(\.partial)?\Z")
PARTIAL = ".partial"


@dataclass(frozen=True, kw_only=True, order=True)
class Segment:
    number: int
    timeline: int
    size: int

    @property
    def name(self) -> str:
        per_log = 0x100000000 // self.size
        return f"{self.timeline:08X}{self.number // per_log:08X}{self.number % per_log:08X}"

    @property
    def end(self) -> int:
        """The position after its last byte."""
        return (self.number + 1) * self.size


def segment(name: str, size: int) -> Segment | None:
    """The segment of a file's name, which may be partial; None for any other file."""
    match = NAME.match(name)
    if not match:
        return None
    timeline, log, part = (int(digits, 16) for digits in match.groups()[:3])
    return Segment(number=log * (0x100000000 // size) + part, timeline=timeline, size=size)


def position(text: str) -> int:
    """The number of a position such as `0/3000028`."""
    high, _, low = text.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def timeline(name: str) -> int | None:
    """The timeline of a WAL file's name; None for any other file."""
    match = NAME.match(name)
    return int(match[1], 16) if match else None


def newest(folder: Path, size: int, of: int | None = None) -> Segment | None:
    """The newest segment in a folder, as pg_receivewal looks for it; or that of one timeline."""
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    found = (segment(name, size) for name in names)
    return max((one for one in found if one and of in (None, one.timeline)), default=None)


def segment_size(folder: Path) -> int:
    """The size of the WAL files below Barman's `wals`. A damaged one can only be smaller."""
    sizes = [path.stat().st_size for path in folder.glob("*/*") if NAME.match(path.name)]
    return max(sizes, default=16 * 2**20)


def has_complete(folder: Path) -> bool:
    """Whether a complete file waits in the folder, beside the one that is being written."""
    if not folder.is_dir():
        return False
    names = [path.name for path in folder.iterdir()]
    complete = [name for name in names if not name.endswith((PARTIAL, ".tmp"))]
    # Barman keeps one file here, because a receiver looks for its position in it.
    return len(complete) > (0 if len(names) > len(complete) else 1)


def text(lsn: int) -> str:
    """A position as PostgreSQL writes it."""
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"


def directory(name: str) -> str:
    """The directory below Barman's `wals` where it keeps a file."""
    return "" if name.endswith(".history") else name[:16]
