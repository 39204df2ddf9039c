"""Files of the repository that containers read as they are: monitoring/, database/ and gateway/."""

from collections.abc import Iterator
from pathlib import Path

from components.text import Text

ROOT = Path(__file__).parent.parent


def text(path: str) -> Text:
    """The content of a file, by its path from the repository's root."""
    return Text(template=(ROOT / path).read_text())


def texts(directory: str, pattern: str = "*") -> Iterator[tuple[str, Text]]:
    """The files below a directory, each with its path from there, in the order of their paths."""
    for path in sorted((ROOT / directory).rglob(pattern)):
        if path.is_file():
            yield path.relative_to(ROOT / directory).as_posix(), Text(template=path.read_text())
