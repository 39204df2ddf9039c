"""What must outlive a container: /backups/records.json."""

import fcntl
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from backup import layout

log = logging.getLogger(__name__)

UNREADABLE = ".unreadable"
"""The end of the name under which a file that cannot be read is kept."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How the last run of something ended. `at` is its end, in seconds since 1970."""

    at: float
    ok: bool
    reason: str | None = None
    seconds: float | None = None
    backup: str | None = None
    databases_left_out: int | None = None
    """How many databases a drill did not compare."""


@dataclass(frozen=True, kw_only=True)
class Gap:
    """WAL of the server is missing between two moments: no older backup reaches beyond it."""

    since: float
    until: float


@dataclass(frozen=True, kw_only=True)
class Records:
    system: str | None = None
    """The system identifier of the server whose WAL is archived."""
    left: Mapping[str, float] = field(default_factory=dict)
    """When the server of each older catalogue was given up."""
    gap: Gap | None = None
    """The newest one."""
    backup_needed: str | None = None
    """Why a base backup is due now, whatever the schedule says."""
    slot_lost: bool = False
    """The server no longer had WAL that was missing, and no base backup has been made since."""
    attempt: Outcome | None = None
    drill: Outcome | None = None
    drill_begun: float | None = None
    """When the last drill began, also one that was killed."""
    offsite: Outcome | None = None
    verified: Mapping[str, float] = field(default_factory=dict)
    """When each backup was verified, by a drill or by `backup verify`."""


_KINDS = {"gap": Gap, "attempt": Outcome, "drill": Outcome, "offsite": Outcome}


class RecordsFile:
    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Records:
        try:
            return _records(json.loads(self._path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Records()
        except (ValueError, TypeError, AttributeError) as error:
            # Nothing in it is worth more than backups that go on: most of it is history.
            aside = self._path.with_name(self._path.name + UNREADABLE)
            log.error("%s cannot be read, and is now %s: %s", self._path, aside.name, error)
            with suppress(FileNotFoundError):
                self._path.replace(aside)
            return Records()

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
    values = _known(Records, content)
    for name, kind in _KINDS.items():
        if values.get(name):
            values[name] = kind(**_known(kind, values[name]))
    return Records(**values)


def _known(kind: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of these fields. Another version of the program may have written others."""
    names = {one.name for one in fields(kind)}
    return {name: value for name, value in values.items() if name in names}
