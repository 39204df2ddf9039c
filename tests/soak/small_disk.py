"""A volume of the engine with a size of its own, as a claim has on a cluster.

A volume is a directory on the engine's machine otherwise, and is full when that machine is. This
requires root on that machine, and its loop devices.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from operations import docker_stack

USER = 999
"""Of the backup part."""


@contextmanager
def volume(name: str, labels: dict[str, str], image: Path, gibibytes: int) -> Iterator[None]:
    """Make the volume of this name before the stack does, which then takes this one, and removes
    it. The disk goes with the volume, where that is removed after the block."""
    with image.open("wb") as file:
        file.truncate(gibibytes * 2**30)
    _run("mkfs.ext4", "-q", "-F", "-m", "0", "-E", f"root_owner={USER}:{USER}", str(image))
    device = _run("losetup", "--find", "--show", str(image)).strip()
    try:
        options = (f"--label={label}={value}" for label, value in labels.items())
        docker_stack.docker(
            *("volume", "create", *options, "--opt=type=ext4", f"--opt=device={device}", name)
        )
        yield
    finally:
        _run("losetup", "--detach", device)
        image.unlink()


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
