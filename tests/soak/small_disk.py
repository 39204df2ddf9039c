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
def under(volume: str, containers: list[str], image: Path, gibibytes: int) -> Iterator[None]:
    """Put a disk of this size under the volume, with what is in it. These containers use it."""
    place = docker_stack.docker("volume", "inspect", "--format={{.Mountpoint}}", volume).strip()
    docker_stack.docker("stop", *containers)
    with image.open("wb") as file:
        file.truncate(gibibytes * 2**30)
    owner = f"root_owner={USER}:{USER}"
    _run("mkfs.ext4", "-q", "-F", "-m", "0", "-d", place, "-E", owner, str(image))
    _run("mount", "-o", "loop", str(image), place)
    try:
        docker_stack.docker("start", *containers)
        yield
    finally:
        # The containers have it mounted for themselves, until they are removed.
        _run("umount", place)
        image.unlink()


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
