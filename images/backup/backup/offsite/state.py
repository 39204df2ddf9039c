"""What the program remembers of the bucket between its runs, in a file of the volume."""

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class State:
    """How the last run ended, and how far the bucket goes. Times are seconds since 1970.

    `complete` is the moment up to which the bucket has everything. `systems` are the servers whose
    backups this volume sent. `check_reason` says what the last check of the bucket found.
    """

    at: float | None = None
    ok: bool | None = None
    reason: str = ""
    complete: float | None = None
    systems: tuple[str, ...] = ()
    kept_at: float = 0.0
    check_reason: str = ""

    @property
    def success(self) -> bool:
        return bool(self.ok) and not self.check_reason

    @property
    def explanation(self) -> str:
        return self.reason or self.check_reason


class StateFile:
    def __init__(self, path: Path) -> None:
        self._path = path
        self.state = self._read()

    def change(self, **values: object) -> State:
        """Change some values, and keep them where a killed program finds them."""
        self.state = replace(self.state, **values)  # type: ignore[arg-type]
        unfinished = self._path.with_suffix(".new")
        unfinished.write_text(json.dumps(asdict(self.state)))
        os.replace(unfinished, self._path)
        return self.state

    def _read(self) -> State:
        try:
            content = json.loads(self._path.read_text())
            return State(**{**content, "systems": tuple(content.get("systems", ()))})
        except (FileNotFoundError, ValueError, TypeError):
            return State()
