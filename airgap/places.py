"""Where things are kept on this machine, by the XDG base directory rules."""

import os
from collections.abc import Mapping
from pathlib import Path

PULUMI_VERSION = "3.260.0"
"""The version of the CLI, and of the SDK in requirements.txt."""


def cache() -> Path:
    """What can be had again: programs built or downloaded."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ai-platform"


def state() -> Path:
    """What runs leave behind, logs for one."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "ai-platform"


def own_pulumi_home() -> Path:
    """The PULUMI_HOME that holds compiled plugins.

    The user's other projects never see it: they may need what a compiled plugin lacks.
    """
    return cache() / "pulumi"


def users_pulumi_home(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the user's own plugins and credentials are, also in a shell set up by `make env`."""
    home = environment.get("PULUMI_HOME")
    if home == str(own_pulumi_home()):
        home = environment.get("PULUMI_CREDENTIALS_PATH")
    return Path(home or Path.home() / ".pulumi")
