"""Prometheus' and Alertmanager's own tools; both come with their servers' packages."""

import shutil
import subprocess

from tests.queries import MONITORING


def run(tool: str, *arguments: str) -> str:
    """What the tool printed; fails with it if the tool found a fault, or is not there."""
    assert shutil.which(tool), f"{tool} is not on PATH: make test puts it there"
    done = subprocess.run(
        [tool, *arguments],
        cwd=MONITORING,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
