"""Debian packages on this machine."""

import os
import shutil

from airgap.command import AirgapError, run

LOCK_WAIT = 60
"""Seconds that apt waits for another apt to end: a machine's own upgrades take as long."""


def install(*packages: str) -> None:
    """Install packages with apt. Raises AirgapError where that cannot be done."""
    names = " ".join(packages)
    if shutil.which("apt-get") is None:
        raise AirgapError(f"{names}: missing, and this machine has no apt-get to install it with")
    if os.geteuid() != 0:
        raise AirgapError(f"{names}: missing; install it as root: apt-get install {names}")
    run("apt-get", "update", "-q")
    run(
        "apt-get", "install", "-qy", "--no-install-recommends",
        "-o", f"DPkg::Lock::Timeout={LOCK_WAIT}", *packages,
        env={"DEBIAN_FRONTEND": "noninteractive"},
    )  # fmt: skip
