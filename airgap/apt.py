"""Debian packages on this machine."""

import os
import shutil

from airgap.command import AirgapError, run

LOCK_WAIT = 60
"""Seconds that apt waits for another apt process, such as the machine's automatic upgrades."""


def install(*packages: str) -> None:
    """Install packages with apt. Raises AirgapError where apt or root is missing."""
    names = " ".join(packages)
    if shutil.which("apt-get") is None:
        raise AirgapError(
            f"{names}: not installed, and this machine has no apt-get to install it with"
        )
    if os.geteuid() != 0:
        raise AirgapError(f"{names}: not installed; install it as root: apt-get install {names}")
    run("apt-get", "update", "-q")
    run(
        "apt-get", "install", "-qy", "--no-install-recommends",
        "-o", f"DPkg::Lock::Timeout={LOCK_WAIT}", *packages,
        env={"DEBIAN_FRONTEND": "noninteractive"},
    )  # fmt: skip
