"""The processes of this machine, and those that a killed `pulumi` left behind.

Only Linux shows them, under /proc. On other systems these functions find no process.
"""

import os
import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
# Programs that only a running `pulumi` needs.
_PLUGINS = ("pulumi-resource-", "pulumi-language-")
# Seconds that a process has to end before it is killed.
GRACE = 5.0


@dataclass(frozen=True, kw_only=True)
class Process:
    """One process: its command line, and the directory that it runs in; "" if that is hidden."""

    pid: int
    parent: int
    words: tuple[str, ...]
    directory: str = ""

    @property
    def is_pulumi(self) -> bool:
        """Whether it is the CLI."""
        return bool(self.words) and Path(self.words[0]).name == "pulumi"

    @property
    def plugin(self) -> str | None:
        """The name of the plugin or the language host that it runs."""
        names = (Path(word).name for word in self.words[:2])
        return next((name for name in names if name.startswith(_PLUGINS)), None)


def running(proc: Path = PROC) -> dict[int, Process]:
    """The processes that this user may look at, by their number."""
    found = (_read(path) for path in proc.glob("[0-9]*"))
    return {process.pid: process for process in found if process}


def _read(path: Path) -> Process | None:
    try:
        # The name in parentheses may contain anything; the state and the parent follow it.
        state, parent = (path / "stat").read_text().rpartition(")")[2].split()[:2]
        words = tuple((path / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1])
    except OSError:  # it ended, or this system hides the processes of others
        return None
    try:
        directory = str((path / "cwd").readlink())
    except OSError:  # it belongs to somebody else
        directory = ""
    if state == "Z":  # it has ended, and its parent has not noticed
        return None
    return Process(pid=int(path.name), parent=int(parent), words=words, directory=directory)


def ancestors(process: Process, processes: Mapping[int, Process]) -> Iterator[Process]:
    """The parent, its parent and so on, as far as they are known."""
    parent = processes.get(process.parent)
    while parent:
        yield parent
        parent = processes.get(parent.parent)


def abandoned_plugins(processes: Mapping[int, Process], program: Path) -> list[Process]:
    """The plugins that work for a Pulumi program in this directory, whose `pulumi` is gone."""
    return [
        process
        for process in processes.values()
        if process.plugin
        and process.directory == str(program)
        and not any(ancestor.is_pulumi for ancestor in ancestors(process, processes))
    ]


def is_abandoned(process: Process, processes: Mapping[int, Process]) -> bool:
    """Whether the command that started this `pulumi` was killed. The system gives such a process to
    its first process, or to the `systemd` of the user."""
    parent = processes.get(process.parent)
    name = Path(parent.words[0]).name if parent and parent.words else ""
    return process.parent == 1 or name == "systemd"


def end(processes: Iterable[Process], grace: float = GRACE) -> None:
    """End the processes; kill those that have not ended after the grace."""
    pids = [process.pid for process in processes]
    pids = [pid for pid in pids if _signal(pid, signal.SIGTERM)]
    deadline = time.monotonic() + grace
    while pids and time.monotonic() < deadline:
        time.sleep(0.05)
        pids = [pid for pid in pids if pid in running()]
    for pid in pids:
        _signal(pid, signal.SIGKILL)


def _signal(pid: int, number: signal.Signals) -> bool:
    """Whether the process existed."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
