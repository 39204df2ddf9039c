"""The tools of Prometheus and Alertmanager, which come with the packages of their servers."""

import os
import shutil
import subprocess

from operations.workspace import cache_directory
from tests.queries import MONITORING


def run(tool: str, *arguments: str) -> str:
    """What the tool printed; fails with it if the tool found a fault, or is not there."""
    path = os.pathsep.join([os.environ.get("PATH", ""), str(cache_directory() / "bin")])
    program = shutil.which(tool, path=path)
    assert program, f"{tool} is not on this machine: make test puts it there"
    done = subprocess.run(
        [program, *arguments],
        cwd=MONITORING,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
