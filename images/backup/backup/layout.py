"""Where everything is: the volume, and the scratch of this container."""

import os
from dataclasses import dataclass
from pathlib import Path

SCRATCH = Path("/tmp/backup")
"""Locks, sockets, the engine's configuration and the password file of libpq."""

RESTORE_PORT = 5433
METRICS_PORT = 9747


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The directories of the backup volume."""

    directory: Path

    @property
    def catalogues(self) -> Path:
        """Barman's home: one directory per system identifier."""
        return self.directory / "barman"

    @property
    def restore(self) -> Path:
        """The data that was recovered for a restore, and what it is."""
        return self.directory / "restore"

    @property
    def restore_begun(self) -> Path:
        """The note of `make restore` that it has stopped something, and recovered nothing yet."""
        return self.directory / "restore-begun"

    @property
    def drill(self) -> Path:
        return self.directory / "drill"

    @property
    def offsite(self) -> Path:
        """What is about to go to the bucket, or came back from it."""
        return self.directory / "offsite"

    @property
    def records(self) -> Path:
        return self.directory / "records.json"

    @property
    def lock(self) -> Path:
        """Which command runs. It is on the volume, so that it holds for every container of it."""
        return self.directory / "lock"


def program(name: str) -> Path:
    """A program of PostgreSQL. Debian's wrappers on PATH would start a Perl program first."""
    return Path("/usr/lib/postgresql") / os.environ["PG_MAJOR"] / "bin" / name


def prepare(layout: Layout) -> None:
    SCRATCH.mkdir(mode=0o700, parents=True, exist_ok=True)
    layout.catalogues.mkdir(mode=0o700, parents=True, exist_ok=True)


def replace(path: Path, content: str) -> None:
    """Write a file that only this user may read, whole or not at all."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
