"""What a killed update left on this machine, before a verb changes the same stack."""

import shutil
import subprocess
from pathlib import Path

import pytest

from operations import interrupted_run


def test_plugins_that_a_killed_update_left_are_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = tmp_path / "pulumi-resource-docker"
    shutil.copy(shutil.which("sleep") or "", name)
    with subprocess.Popen([str(name), "60"], cwd=tmp_path) as plugin:
        interrupted_run.end("", "ai-platform", "dev", tmp_path)
        # This process is its parent, and has not noticed its end before.
        assert plugin.wait(timeout=1) != 0
    output = " ".join(capsys.readouterr().out.split())
    assert f"left running: pulumi-resource-docker ({plugin.pid})" in output
