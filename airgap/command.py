"""Running other programs, and saying in one sentence what went wrong."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

LAST_LINES = 15
"""How much of a failed program's output goes into the message."""


class AirgapError(Exception):
    """What cannot be done, why, and what to do about it."""


def run(
    *command: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    seconds: float | None = None,
) -> str:
    """Run a program and return its output; `env` adds to this process's environment.

    Raises AirgapError with the program's last lines when it is missing, fails, or takes
    longer than `seconds`.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            timeout=seconds,
        )
    except FileNotFoundError as missing:
        raise AirgapError(f"{words[0]} is not installed (or {cwd} does not exist)") from missing
    except subprocess.TimeoutExpired as late:
        raise AirgapError(f"`{' '.join(words)}` took longer than {seconds} s") from late
    if done.returncode != 0:
        tail = "\n".join(done.stdout.strip().splitlines()[-LAST_LINES:])
        raise AirgapError(f"`{' '.join(words)}` failed with {done.returncode}:\n{tail}")
    return done.stdout


def succeeds(*command: str | Path, seconds: float | None = None) -> bool:
    """Whether a program is there and ends without an error, in time."""
    try:
        run(*command, seconds=seconds)
    except AirgapError:
        return False
    return True
