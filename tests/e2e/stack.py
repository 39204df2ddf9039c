"""A stack of the tests' own on the real engine: its names, ports and state meet nobody else's."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import yaml

from components.settings import merged, overlay_path
from operations import docker_stack
from operations.workspace import ROOT, Workspace

ENDPOINTS = ("web", "backend", "decision", "grafana", "prometheus", "alertmanager")


@dataclass
class Stack:
    """The stack under test; `settings` are what its file says, without the prefix.

    It runs a copy of the tree, so that a test can change a file.
    """

    name: str
    directory: Path
    settings: dict[str, Any]
    workspace: Workspace = field(init=False)

    def __post_init__(self) -> None:
        self.directory.mkdir(parents=True)
        self.config = self.directory / f"Pulumi.{self.name}.yaml"
        self.tree = self.directory / "tree"
        copy_tree(self.tree)
        self.workspace = Workspace(
            stack=self.name, config=self.config, data=self.directory, program=self.tree
        )
        self.write({})
        self.workspace.prepare()

    def write(self, changes: Mapping[str, Any]) -> None:
        """The stack file with these changes to its settings, taken back by the next call."""
        settings = merged(self.settings, changes)
        config = {f"ai-platform:{key}": value for key, value in settings.items()}
        self.config.write_text(yaml.safe_dump({"config": config}))

    def pulumi(self, *arguments: str, **changes: Any) -> subprocess.CompletedProcess[str]:
        """Run Pulumi with these settings changed; what it printed is in the result."""
        self.write(changes)
        self.workspace.write_files()
        return self.workspace.pulumi(*arguments, "--stack", self.name, quiet=True, check=False)

    def up(self, **changes: Any) -> subprocess.CompletedProcess[str]:
        return self.pulumi("up", "--yes", "--skip-preview", **changes)

    def start_up(self, **changes: Any) -> subprocess.Popen[str]:
        """`up` in the background, run as the verbs run it, in a process group of its own."""
        self.write(changes)
        self.workspace.write_files()
        arguments = ("up", "--yes", "--skip-preview", "--stack", self.name)
        program = (
            "from pathlib import PosixPath\n"
            "from operations.workspace import Workspace\n"
            f"{self.workspace!r}.pulumi(*{arguments!r})\n"
        )
        return subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def two_ups_at_once(self, **changes: Any) -> subprocess.CompletedProcess[str]:
        """Start a second `up` when the first one has the lock; the second one's end."""
        first = self.start_up(**changes)
        eventually(lambda: list(self.directory.glob("state/.pulumi/locks/**/*.json")), within=30)
        second = self.workspace.pulumi(
            "up", "--yes", "--skip-preview", "--stack", self.name, quiet=True, check=False
        )
        printed, _ = first.communicate(timeout=300)
        assert first.returncode == 0, printed
        return second

    def changes(self, **changes: Any) -> dict[str, str]:
        """What a preview would do, by resource name, without what stays the same."""
        result = self.pulumi("preview", "--json", **changes)
        assert result.returncode == 0, output_of(result)
        steps = json.loads(result.stdout)["steps"]
        return {
            step["urn"].rpartition("::")[2]: step["op"] for step in steps if step["op"] != "same"
        }

    def container(self, workload: str) -> str:
        return f"ai-platform-{self.name}-{workload}"

    def inspect(self, workload: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            docker_stack.docker("container", "inspect", self.container(workload))
        )[0]
        return found

    def ids(self) -> dict[str, str]:
        """The id of each container: what changes when it is made again."""
        names = {each.name for each in docker_stack.containers(self.name)}
        return {
            name: docker_stack.docker("inspect", "-f", "{{.Id}}", name).strip() for name in names
        }

    def inside(self, workload: str, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["docker", "exec", self.container(workload), *command],
            capture_output=True,
            text=True,
            check=False,
        )

    def logs(self, workload: str, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["docker", "logs", *options, self.container(workload)],
            capture_output=True,
            text=True,
            check=True,
        )

    def memory(self) -> dict[str, float]:
        """MiB of memory by container, as `docker stats` counts them: without the file cache."""
        names = [each.name for each in docker_stack.containers(self.name)]
        format = "--format={{.Name}} {{.MemUsage}}"
        printed = docker_stack.docker("stats", "--no-stream", format, *names)
        units = {"KiB": 1 / 1024, "MiB": 1, "GiB": 1024}
        found = re.findall(r"(\S+) ([\d.]+)(KiB|MiB|GiB) ", printed)
        return {name: float(number) * units[unit] for name, number, unit in found}

    def endpoints(self) -> dict[str, str | None]:
        found: dict[str, str | None] = self.workspace.outputs()["endpoints"]
        return found

    def client(self, endpoint: str) -> httpx2.Client:
        """An HTTP client for an endpoint; the API's carries the token."""
        url = self.endpoints()[endpoint]
        assert url is not None
        token = self.workspace.outputs(secrets=True)["logins"]["api"]["token"]
        headers = {"Authorization": f"Bearer {token}"} if endpoint in ("web", "backend") else {}
        return httpx2.Client(base_url=url, headers=headers, timeout=10)


def copy_tree(to: Path) -> None:
    """The files that git knows or would, and the wheels that the images are built with."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    wheels = [str(path.relative_to(ROOT)) for path in ROOT.glob("images/*/wheels/*")]
    for name in [*listed, *wheels]:
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)


def output_of(result: subprocess.CompletedProcess[str]) -> str:
    return f"{result.stdout}\n{result.stderr}"


def eventually(check: Callable[[], Any], within: float = 60, every: float = 0.5) -> Any:
    """The first true answer of a check; its last answer or error where the time is over."""
    end = time.monotonic() + within
    while True:
        try:
            answer = check()
            if answer:
                return answer
            problem: object = answer
        except (AssertionError, httpx2.HTTPError, subprocess.CalledProcessError) as error:
            problem = error
        assert time.monotonic() < end, f"not within {within} s: {problem!r}"
        time.sleep(every)


def free_ports(names: tuple[str, ...] = ENDPOINTS) -> dict[str, int]:
    """A free port of this machine for each name."""
    sockets = {name: socket.socket() for name in names}
    for each in sockets.values():
        each.bind(("127.0.0.1", 0))
    ports = {name: each.getsockname()[1] for name, each in sockets.items()}
    for each in sockets.values():
        each.close()
    return ports


def settings() -> dict[str, Any]:
    """What the tests' stack file says: this machine's images and plugins, and ports of its own."""
    overlay = overlay_path(ROOT, "dev")
    chosen = yaml.safe_load(overlay.read_text()) if overlay.exists() else {}
    return {
        "target": "docker",
        "images": chosen.get("images", {}),
        "plugins": chosen.get("plugins", {}),
        "docker": {"ports": free_ports()},
    }


def remove_leftovers(name: str, directory: Path) -> None:
    """What an earlier run left behind, by this stack's label only."""
    own = [f"--filter=label=ai-platform.{key}" for key in ("project=ai-platform", f"stack={name}")]
    for kind, listed, removed in (
        ("container", ("ls", "--all"), ("rm", "--force", "--volumes")),
        ("network", ("ls",), ("rm",)),
        ("volume", ("ls",), ("rm", "--force")),
    ):
        found = docker_stack.docker(kind, *listed, "--quiet", *own).split()
        if found:
            docker_stack.docker(kind, *removed, *found)
    shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def temporary_stack(name: str) -> Iterator[Stack]:
    """A stack with nothing running; whatever of it is left at the end is removed."""
    directory = Path(tempfile.gettempdir()) / f"ai-platform-{name}"
    remove_leftovers(name, directory)
    yield Stack(name=name, directory=directory, settings=settings())
    remove_leftovers(name, directory)


def interrupt(process: subprocess.Popen[str]) -> str:
    """SIGINT as from a terminal: to the whole process group; what the process printed."""
    os.killpg(process.pid, signal.SIGINT)
    printed, _ = process.communicate(timeout=180)
    return printed
