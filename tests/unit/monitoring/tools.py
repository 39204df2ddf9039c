"""The tools of Prometheus and Alertmanager, which come with the packages of their servers."""

import shutil
import subprocess

from tests.queries import MONITORING


def run(tool: str, *arguments: str) -> str:
    """The tool's output. The test fails with it if the tool finds an error or is missing."""
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
