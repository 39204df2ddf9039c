"""A backup part for tests of the verbs: the answers of its command, and the calls that it got."""

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# The answer of `backup list --json` of a part with two backups, of which one is verified.
LIST: Mapping[str, Any] = {
    "backups": [
        {
            "id": "20261124T020000",
            "begin": "2026-11-24T02:00:00+00:00",
            "end": "2026-11-24T02:00:09+00:00",
            "size": 32 * 1024**2,
            "wal": "00000001000000000000000A",
            "state": "done",
            "verified": "2026-11-24T04:00:31+00:00",
        },
        {
            "id": "20261125T020000",
            "begin": "2026-11-25T02:00:00+00:00",
            "end": "2026-11-25T02:00:11+00:00",
            "size": 33 * 1024**2,
            "wal": "00000001000000000000000F",
            "state": "done",
            "verified": None,
        },
    ],
    "window": {"from": "2026-11-24T02:00:09+00:00", "to": "2026-11-25T21:00:00+00:00"},
    "archiving": {"state": "streaming", "reason": None, "lag_bytes": 0},
    "drill": {
        "at": "2026-11-24T04:00:31+00:00",
        "backup": "20261124T020000",
        "ok": True,
        "reason": None,
    },
    "offsite": None,
    "volume": {"size": 5 * 1024**3, "available": 4 * 1024**3},
    "restore": None,
}

Answer = Mapping[str, Any] | str | Callable[[], Mapping[str, Any]]


@dataclass
class BackupPart:
    """Answers each command with its answer; a text is the message of a command that fails."""

    answers: dict[str, Answer] = field(default_factory=lambda: {"list": LIST})
    calls: list[tuple[str, ...]] = field(default_factory=list)

    def run(self, command: Sequence[str], *, stdin: bytes | Path | None = None) -> str:
        assert (command[0], command[-1]) == ("backup", "--json")
        self.calls.append(tuple(command[1:-1]))
        answer = self.answers[command[1]]
        if isinstance(answer, str):
            raise subprocess.CalledProcessError(1, list(command), "", f"{answer}\n")
        return json.dumps(answer() if callable(answer) else answer)
