"""A small Pulumi program of the tests' own, run by the real CLI with the stand-ins."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

LIMIT = 120
"""Seconds for one command."""


class Run:
    """The program in a directory of its own, with a state and a Pulumi home beside it."""

    def __init__(self, directory: Path, plugins: Path, source: str) -> None:
        self.directory = directory / "program"
        self.directory.mkdir()
        (directory / "state").mkdir()
        (self.directory / "Pulumi.yaml").write_text("name: e2e\nruntime: python\n")
        (self.directory / "__main__.py").write_text(source)
        path = os.pathsep.join([str(plugins), str(Path(sys.executable).parent), os.environ["PATH"]])
        self.environment = os.environ | {
            "PATH": path,
            "PULUMI_HOME": str(directory / "home"),
            "PULUMI_BACKEND_URL": f"file://{directory}/state",
            "PULUMI_CONFIG_PASSPHRASE": "e2e",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
        }
        self.pulumi("stack", "init", "e2e")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["pulumi", "--non-interactive", *arguments],
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def pulumi(self, *arguments: str, fails: bool = False) -> str:
        """What a command printed, in one; it must succeed, or fail if that is expected."""
        with self.start(*arguments) as process:
            try:
                output, errors = process.communicate(timeout=LIMIT)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGINT)  # it tells what it did and gives up its lock
                output, errors = process.communicate(timeout=LIMIT)
                errors += f"\nnot done within {LIMIT} s"
        assert (process.returncode != 0) is fails, output + errors
        assert "exited prematurely" not in output + errors
        return output + errors if fails else output

    def outputs(self) -> dict[str, Any]:
        outputs: dict[str, Any] = json.loads(
            self.pulumi("stack", "output", "--json", "--show-secrets")
        )
        return outputs

    def state(self) -> str:
        return self.pulumi("stack", "export")

    def steps(self) -> dict[str, str]:
        """What a preview would do: names to operations, without what stays as it is."""
        steps = json.loads(self.pulumi("preview", "--json"))["steps"]
        named = {step["urn"].split("::")[-1]: step["op"] for step in steps}
        return {name: operation for name, operation in named.items() if operation != "same"}

    def refreshed(self) -> str:
        return self.pulumi("refresh", "--yes", "--skip-preview")
