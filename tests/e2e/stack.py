"""A temporary stack on the real engine, with its own names, ports and state."""

import json
import os
import random
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

from components.settings import BACKEND, DECISION, merged, overlay_path
from operations import docker_stack
from operations.workspace import ROOT, Workspace

FREE_PORTS = range(20000, 32768)
ENDPOINTS = ("web", "backend", "decision", "grafana", "prometheus", "alertmanager")


@dataclass
class Stack:
    """The stack under test; `settings` are those of its file, without the prefix.

    `organisation` is the one that Pulumi and the verbs name it with, if they do.
    The stack runs a copy of the tree, so that a test can change a file.
    """

    name: str
    directory: Path
    settings: dict[str, Any]
    organisation: str | None = field(default=None, kw_only=True)
    workspace: Workspace = field(init=False)

    def __post_init__(self) -> None:
        self.directory.mkdir(parents=True)
        self.config = self.directory / f"Pulumi.{self.name}.yaml"
        self.tree = self.directory / "tree"
        copy_tree(self.tree)
        self.workspace = Workspace(
            stack=f"{self.organisation}/{self.name}" if self.organisation else self.name,
            config=self.config,
            data=self.directory,
            program=self.tree,
        )
        self.write({})
        self.workspace.prepare()

    def write(self, changes: Mapping[str, Any]) -> None:
        """Write the stack file with these changes; the next call drops the changes."""
        settings = merged(self.settings, changes)
        config = {f"ai-platform:{key}": value for key, value in settings.items()}
        self.config.write_text(yaml.safe_dump({"config": config}))

    def pulumi(self, *arguments: str, **changes: Any) -> subprocess.CompletedProcess[str]:
        """Run Pulumi with these changes of the settings; the result has its output."""
        self.write(changes)
        self.workspace.write_files()
        return self.workspace.pulumi(
            *arguments, "--stack", self.workspace.stack, quiet=True, check=False
        )

    def up(self, **changes: Any) -> subprocess.CompletedProcess[str]:
        return self.pulumi("up", "--yes", "--skip-preview", **changes)

    def start_up(self, **changes: Any) -> subprocess.Popen[str]:
        """Start `up` in the background, as the verbs run it, in its own process group."""
        self.write(changes)
        self.workspace.write_files()
        arguments = ("up", "--yes", "--skip-preview", "--stack", self.workspace.stack)
        return self._start(f"workspace.pulumi(*{arguments!r})")

    def start_purge(self) -> subprocess.Popen[str]:
        """Start the removal of the stack with its data in the background, like `start_up`."""
        return self._start("purge(workspace, confirmed=workspace.stack)")

    def _start(self, call: str) -> subprocess.Popen[str]:
        program = (
            "from pathlib import PosixPath\n"
            "from operations.purge import purge\n"
            "from operations.workspace import Workspace\n"
            f"workspace = {self.workspace!r}\n"
            f"{call}\n"
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
        """Start a second `up` while the first one holds the lock; return its result."""
        first = self.start_up(**changes)
        eventually(lambda: list(self.directory.glob("state/.pulumi/locks/**/*.json")), within=30)
        second = self.workspace.pulumi(
            "up",
            "--yes",
            "--skip-preview",
            "--stack",
            self.workspace.stack,
            quiet=True,
            check=False,
        )
        output, _ = first.communicate(timeout=300)
        assert first.returncode == 0, output
        return second

    def changes(self, **changes: Any) -> dict[str, str]:
        """The operations of a preview by resource name, without unchanged resources."""
        result = self.pulumi("preview", "--json", **changes)
        assert result.returncode == 0, output_of(result)
        steps = json.loads(result.stdout)["steps"]
        return {
            step["urn"].rpartition("::")[2]: step["op"] for step in steps if step["op"] != "same"
        }

    def container(self, workload: str) -> str:
        return f"ai-platform-{self.name}-{workload}"

    def inspect(self, workload: str) -> dict[str, Any]:
        (container,) = json.loads(
            docker_stack.docker("container", "inspect", self.container(workload))
        )
        return dict(container)

    def ids(self) -> dict[str, str]:
        """The id of each container by name; a replaced container has a new id."""
        names = {container.name for container in docker_stack.containers(self.name)}
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
        """MiB of memory by container from `docker stats`, which leaves out the file cache."""
        names = [container.name for container in docker_stack.containers(self.name)]
        format = "--format={{.Name}} {{.MemUsage}}"
        output = docker_stack.docker("stats", "--no-stream", format, *names)
        units = {"KiB": 1 / 1024, "MiB": 1, "GiB": 1024}
        matches = re.findall(r"(\S+) ([\d.]+)(KiB|MiB|GiB) ", output)
        return {name: float(number) * units[unit] for name, number, unit in matches}

    def endpoints(self) -> dict[str, str | None]:
        endpoints: dict[str, str | None] = self.workspace.outputs()["endpoints"]
        return endpoints

    def client(self, endpoint: str) -> httpx2.Client:
        """An HTTP client for an endpoint; for the API it sends the token."""
        url = self.endpoints()[endpoint]
        assert url is not None
        token = self.workspace.outputs(secrets=True)["logins"]["api"]["token"]
        headers = {"Authorization": f"Bearer {token}"} if endpoint in ("web", "backend") else {}
        return httpx2.Client(base_url=url, headers=headers, timeout=10)


def variables(**variables: str) -> dict[str, Any]:
    """The section `api` with these variables of both reference services."""
    return {"services": {name: {"env": variables} for name in (BACKEND, DECISION)}}


def copy_tree(directory: Path) -> None:
    """Copy the files that git does not ignore, and the wheels for the image builds."""
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    wheels = [str(path.relative_to(ROOT)) for path in ROOT.glob("images/*/wheels/**/*")]
    for name in [*files, *wheels]:
        if (ROOT / name).is_file():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, directory / name)


def output_of(result: subprocess.CompletedProcess[str]) -> str:
    return f"{result.stdout}\n{result.stderr}"


def eventually(check: Callable[[], Any], within: float = 60, interval: float = 0.5) -> Any:
    """The first true answer of a check. Fails with its last answer or error after `within` s."""
    end = time.monotonic() + within
    while True:
        try:
            answer = check()
            if answer:
                return answer
            problem: object = answer
        except (AssertionError, httpx2.HTTPError, subprocess.CalledProcessError) as error:
            problem = error
        said = "".join(getattr(problem, "__notes__", ()))
        assert time.monotonic() < end, f"not within {within} s: {problem!r} {said}"
        time.sleep(interval)


def free_ports(names: tuple[str, ...] = ENDPOINTS) -> dict[str, int]:
    """A free port of this machine for each name.

    The kernel gives ports above this range to connections: it could take one before it is used.
    """
    shuffled = random.sample(FREE_PORTS, len(FREE_PORTS))
    return dict(zip(names, filter(_is_free, shuffled), strict=False))


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def settings() -> dict[str, Any]:
    """The settings of a temporary stack: this machine's images and plugins, and free ports."""
    overlay = overlay_path(ROOT, "dev")
    choices = yaml.safe_load(overlay.read_text()) if overlay.exists() else {}
    return {
        "target": "docker",
        "images": choices.get("images", {}),
        "plugins": choices.get("plugins", {}),
        "docker": {"ports": free_ports()},
    }


def remove_leftovers(name: str, directory: Path) -> None:
    """Remove the objects of an earlier run that have this stack's label, and its directory."""
    filters = [
        f"--filter=label=ai-platform.{key}" for key in ("project=ai-platform", f"stack={name}")
    ]
    for kind, list_command, remove_command in (
        ("container", ("ls", "--all"), ("rm", "--force", "--volumes")),
        ("network", ("ls",), ("rm",)),
        ("volume", ("ls",), ("rm", "--force")),
    ):
        objects = docker_stack.docker(kind, *list_command, "--quiet", *filters).split()
        if objects:
            docker_stack.docker(kind, *remove_command, *objects)
    shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def temporary_stack(name: str, organisation: str | None = None) -> Iterator[Stack]:
    """A stack without containers; everything of it is removed at the end."""
    directory = Path(tempfile.gettempdir()) / f"ai-platform-{name}"
    remove_leftovers(name, directory)
    yield Stack(name=name, directory=directory, settings=settings(), organisation=organisation)
    remove_leftovers(name, directory)


def interrupt(process: subprocess.Popen[str]) -> str:
    """Send SIGINT to the process group, as a terminal does; return the output of the process."""
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=180)
    return output
