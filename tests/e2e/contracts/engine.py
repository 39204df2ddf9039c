"""Containers of the contract tests, on the real engine, as strict as the program runs them."""

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
"""`official` or `debian`: the contract is the same."""

LABEL = "ai-platform.contract"
SECONDS = 60.0
"""How long a server may take until it answers, or ends."""

HARDENED = ("--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--read-only")


def reference(name: ImageName) -> str:
    entry = ENTRIES[name]
    found = entry.official if CATALOGUE == "official" else entry.debian
    assert found is not None, f"the {CATALOGUE} catalogue has no {name}"
    return found


def docker(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, timeout=120, check=False
    )
    assert not check or done.returncode == 0, f"docker {arguments}: {done.stdout}{done.stderr}"
    return done


def inspect(thing: str) -> dict[str, Any]:
    (found,) = json.loads(docker("inspect", thing).stdout)
    return dict(found)


def clean() -> None:
    """Remove what the contract tests made, also what an earlier run left when it crashed."""
    mine = ("--quiet", "--filter", f"label={LABEL}")
    for container in docker("ps", "--all", *mine).stdout.split():
        docker("rm", "--force", "--volumes", container, check=False)
    for kind in ("volume", "network"):
        for found in docker(kind, "ls", *mine).stdout.split():
            docker(kind, "rm", found, check=False)


def volume() -> str:
    return docker("volume", "create", "--label", LABEL).stdout.strip()


def once(name: ImageName, *command: str, options: Sequence[str] = ()) -> str:
    """Run a command in an image instead of its server; returns all it says."""
    done = docker("run", "--rm", "--label", LABEL, *options, reference(name), *command)
    return done.stdout + done.stderr


@dataclass(frozen=True, kw_only=True)
class Container:
    id: str

    def run(self, *command: str, env: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        variables = [word for pair in env for word in ("--env", pair)]
        return docker("exec", *variables, self.id, *command, check=False)

    def logs(self) -> str:
        done = docker("logs", self.id)
        return done.stdout + done.stderr

    def uids(self) -> set[str]:
        """User ids of all the container's processes, as the host sees them."""
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
        """Wait until a question is answered with yes."""
        end = time.monotonic() + SECONDS
        while not _quietly(answers):
            assert time.monotonic() < end, f"no answer within {SECONDS} s:\n{self.logs()}"
            time.sleep(0.2)

    def stop(self) -> int:
        """Stop with the image's own stop signal; returns the exit code."""
        docker("stop", "--time", "20", self.id)
        return int(inspect(self.id)["State"]["ExitCode"])

    def ended(self) -> int:
        """Wait until it ends by itself; returns the exit code."""
        return int(docker("wait", self.id).stdout)

    def start_again(self) -> None:
        docker("start", self.id)


def start(name: ImageName, *command: str, options: Sequence[str] = ()) -> Container:
    arguments = ("--detach", "--label", LABEL, *options, reference(name), *command)
    return Container(id=docker("run", *arguments).stdout.strip())


def _quietly(answers: Callable[[], bool]) -> bool:
    try:
        return answers()
    except OSError:
        return False
