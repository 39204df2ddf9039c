"""Run other programs. A failure quotes their last lines."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from backup.errors import BackupError

LAST_LINES = 8


class ProgramFailed(BackupError):
    """A program ended with another status than 0. `output` is all that it said."""

    def __init__(self, program: str, status: int, output: str) -> None:
        self.output = output
        tail = " | ".join(line for line in output.strip().splitlines()[-LAST_LINES:] if line)
        super().__init__(f"{program} ended with status {status}: {tail or 'it said nothing'}")


def run(
    *command: str | Path,
    env: Mapping[str, str] | None = None,
    seconds: float | None = None,
) -> str:
    """Run a program and return its standard output. Raises ProgramFailed."""
    words = [str(word) for word in command]
    name = " ".join(words[:2]) if words[0] == "barman" else Path(words[0]).name
    try:
        result = subprocess.run(
            words,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=seconds,
        )
    except FileNotFoundError as error:
        raise BackupError(f"{words[0]} is not in this image") from error
    except subprocess.TimeoutExpired as error:
        raise BackupError(f"{name} took longer than {seconds:.0f} s") from error
    if result.returncode != 0:
        raise ProgramFailed(name, result.returncode, result.stdout + result.stderr)
    return result.stdout
