"""Run other programs, with one exception that explains every failure."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

LAST_LINES = 15
"""Lines of a failed program's output that the message quotes."""


class AirgapError(Exception):
    """A step failed; the message says which, why, and what to do about it."""


class TooSlow(AirgapError):
    """A program was ended because it took longer than its limit."""


def run(
    *command: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    seconds: float | None = None,
) -> str:
    """Run a program and return its output; `env` adds to this process's environment.

    Raises AirgapError when the program is missing or fails, and TooSlow when it takes longer than
    `seconds`. The message quotes the program's last lines.
    """
    words = [str(word) for word in command]
    try:
        result = subprocess.run(
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
    except FileNotFoundError as error:
        raise AirgapError(f"{words[0]} is not installed (or {cwd} does not exist)") from error
    except subprocess.TimeoutExpired as error:
        raise TooSlow(f"`{' '.join(words)}` took longer than {seconds} s") from error
    if result.returncode != 0:
        tail = "\n".join(result.stdout.strip().splitlines()[-LAST_LINES:])
        raise AirgapError(f"`{' '.join(words)}` failed with {result.returncode}:\n{tail}")
    return result.stdout


def succeeds(*command: str | Path, seconds: float | None = None) -> bool:
    """Whether a program is installed and ends without an error within `seconds`."""
    try:
        run(*command, seconds=seconds)
    except AirgapError:
        return False
    return True
