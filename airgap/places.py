"""Where things are kept on this machine, by the XDG base directory rules."""

import os
from pathlib import Path

PULUMI_VERSION = "3.259.0"
"""The CLI's version; the SDK in requirements.txt has the same."""


def cache() -> Path:
    """What can be had again: programs built or downloaded."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ai-platform"


def state() -> Path:
    """What runs leave behind, logs for one."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "ai-platform"
