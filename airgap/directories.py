"""The directories that this project uses on this machine, by the XDG base directory rules."""

import os
from collections.abc import Mapping
from pathlib import Path


def cache() -> Path:
    """Files that a later run can build or download again, such as programs."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ai-platform"


def data() -> Path:
    """Files that must stay, such as the state of stacks, their passphrase, and the cluster's."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "ai-platform"


def state() -> Path:
    """Files that runs leave behind, such as logs."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "ai-platform"


def own_pulumi_home() -> Path:
    """The PULUMI_HOME that holds compiled plugins.

    The user's other projects do not use it: they may need a feature that a compiled plugin lacks.
    """
    return cache() / "pulumi"


def users_pulumi_home(environment: Mapping[str, str] = os.environ) -> Path:
    """The directory of the user's own plugins and credentials.

    The answer is the same in a shell that `make env` set up, where PULUMI_HOME names this
    project's own directory.
    """
    home = environment.get("PULUMI_HOME")
    if home == str(own_pulumi_home()):
        home = environment.get("PULUMI_CREDENTIALS_PATH")
    return Path(home or Path.home() / ".pulumi")
