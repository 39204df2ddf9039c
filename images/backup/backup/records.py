"""What must outlive a container: /backups/records.json."""

import fcntl
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from backup import layout


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How the last run of something ended. `at` is its end, in seconds since 1970."""

    at: float
    ok: bool
    reason: str | None = None
    seconds: float | None = None
    backup: str | None = None


@dataclass(frozen=True, kw_only=True)
class Records:
    system: str | None = None
    """The system identifier of the server whose WAL is archived."""
    left: Mapping[str, float] = field(default_factory=dict)
    """When the server of each older catalogue was given up."""
    gap: float | None = None
    """WAL of the server is missing before this moment: no older backup reaches beyond it."""
    backup_needed: str | None = None
    """Why a base backup is due now, whatever the schedule says."""
    slot_lost: bool = False
    """The server gave up the slot's WAL, and no base backup has been made since."""
    attempt: Outcome | None = None
    drill: Outcome | None = None
    offsite: Outcome | None = None
    verified: Mapping[str, float] = field(default_factory=dict)
    """When each backup was verified, by a drill or by `backup verify`."""


_OUTCOMES = ("attempt", "drill", "offsite")


class RecordsFile:
    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Records:
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Records()
        return _records(content)

    def change(self, change: Callable[[Records], Records]) -> Records:
        """Change the file; one process at a time does it."""
        with self._locked():
            new = change(self.read())
            layout.replace(self._path, json.dumps(asdict(new), indent=1) + "\n")
        return new

    def set(self, **values: Any) -> Records:
        return self.change(lambda records: replace(records, **values))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (layout.SCRATCH / "records.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _records(content: Mapping[str, Any]) -> Records:
    names = {one.name for one in fields(Records)}
    values = {name: value for name, value in content.items() if name in names}
    for name in _OUTCOMES:
        if values.get(name):
            values[name] = Outcome(**values[name])
    return Records(**values)
