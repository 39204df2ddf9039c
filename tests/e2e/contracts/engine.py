"""Containers of the contract tests on the real engine, with the restrictions of the program."""

import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from components.images import ENTRIES
from components.settings import ImageName

CATALOGUE = os.environ.get("AI_PLATFORM_CATALOGUE", "debian")
"""`official` or `debian`: both must fulfil the contract."""

LABEL = "ai-platform.contract"
SECONDS = 60.0
"""Seconds until a server must answer, or end."""

HARDENED = ("--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--read-only")


def reference(name: ImageName) -> str:
    entry = ENTRIES[name]
    image = entry.official if CATALOGUE == "official" else entry.debian
    assert image is not None, f"the {CATALOGUE} catalogue has no {name}"
    return image


def docker(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    result = subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, timeout=120, check=False
    )
    assert not check or result.returncode == 0, (
        f"docker {arguments}: {result.stdout}{result.stderr}"
    )
    return result


def inspect(name: str) -> dict[str, Any]:
    (description,) = json.loads(docker("inspect", name).stdout)
    return dict(description)


def clean() -> None:
    """Remove the objects of the contract tests, including those of a run that crashed."""
    filters = ("--quiet", "--filter", f"label={LABEL}")
    for container in docker("ps", "--all", *filters).stdout.split():
        docker("rm", "--force", "--volumes", container, check=False)
    for kind in ("volume", "network"):
        for name in docker(kind, "ls", *filters).stdout.split():
            docker(kind, "rm", name, check=False)


def volume() -> str:
    return docker("volume", "create", "--label", LABEL).stdout.strip()


def once(name: ImageName, *command: str, options: Sequence[str] = ()) -> str:
    """Run a command in an image instead of its server; return its output and errors."""
    result = docker("run", "--rm", "--label", LABEL, *options, reference(name), *command)
    return result.stdout + result.stderr


@dataclass(frozen=True, kw_only=True)
class Container:
    id: str

    def run(self, *command: str, env: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        variables = [word for pair in env for word in ("--env", pair)]
        return docker("exec", *variables, self.id, *command, check=False)

    def logs(self) -> str:
        result = docker("logs", self.id)
        return result.stdout + result.stderr

    def uids(self) -> set[str]:
        """The user ids of all processes of the container on the host."""
        rows = docker("top", self.id, "-o", "pid,uid").stdout.splitlines()[1:]
        return {row.split()[1] for row in rows}

    def address(self) -> str:
        networks = inspect(self.id)["NetworkSettings"]["Networks"]
        return str(next(iter(networks.values()))["IPAddress"])

    def get(self, port: int, path: str) -> str:
        url = f"http://{self.address()}:{port}{path}"
        with urllib.request.urlopen(url, timeout=5) as response:
            return str(response.read().decode())

    def until(self, answers: Callable[[], bool]) -> None:
        """Wait until this check returns True."""
        end = time.monotonic() + SECONDS
        while not _quietly(answers):
            assert time.monotonic() < end, f"no answer within {SECONDS} s:\n{self.logs()}"
            time.sleep(0.2)

    def stop(self) -> int:
        """Stop the container with its image's stop signal; return the exit code."""
        docker("stop", "--time", "20", self.id)
        return int(inspect(self.id)["State"]["ExitCode"])

    def wait(self) -> int:
        """Wait until the container ends by itself; return the exit code."""
        return int(docker("wait", self.id).stdout)

    def restart(self) -> None:
        docker("start", self.id)


def start(name: ImageName, *command: str, options: Sequence[str] = ()) -> Container:
    arguments = ("--detach", "--label", LABEL, *options, reference(name), *command)
    return Container(id=docker("run", *arguments).stdout.strip())


def _quietly(answers: Callable[[], bool]) -> bool:
    try:
        return answers()
    except OSError:
        return False
