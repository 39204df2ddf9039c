"""The processes of this machine, and which of them a killed `pulumi` left behind."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from operations import processes
from operations.processes import Process

PROGRAM = Path("/srv/program")
PULUMI = ("/opt/pulumi", "-C", "work", "up")
DOCKER = ("/opt/pulumi-resource-docker", "127.0.0.1:1")
HOST = ("/opt/pulumi-language-python", "127.0.0.1:1")
EXEC = (".venv/bin/python3", "/opt/pulumi-language-python-exec", "--monitor")
VERB = (".venv/bin/python", "-m", "operations", "up")
SHELL = ("/bin/sh", "-c", ".venv/bin/python -m operations up --stack 'dev'")


def known(
    *lines: tuple[int, int, tuple[str, ...]], directory: str = str(PROGRAM)
) -> dict[int, Process]:
    return {
        pid: Process(pid=pid, parent=parent, words=words, directory=directory)
        for pid, parent, words in lines
    }


def abandoned(found: dict[int, Process]) -> list[int]:
    return [process.pid for process in processes.abandoned_plugins(found, PROGRAM)]


def test_plugins_and_language_hosts_without_their_pulumi_are_abandoned() -> None:
    left = known((1, 0, ("init",)), (5, 1, DOCKER), (6, 1, HOST), (7, 6, EXEC), (8, 1, ("bash",)))
    assert abandoned(left) == [5, 6, 7]


def test_plugins_of_a_running_pulumi_are_not() -> None:
    working = known((1, 0, ("init",)), (4, 1, PULUMI), (5, 4, DOCKER), (6, 4, HOST), (7, 6, EXEC))
    assert abandoned(working) == []


def test_plugins_of_another_program_are_not() -> None:
    assert abandoned(known((5, 1, DOCKER), directory="/srv/other")) == []


@pytest.mark.parametrize(
    ("others", "left"),
    [
        # make, its shell, the verb, pulumi: all of them run.
        (
            [
                (2, 1, ("bash",)),
                (3, 2, ("make", "up")),
                (4, 3, SHELL),
                (5, 4, VERB),
                (6, 5, PULUMI),
            ],
            0,
        ),
        # make was killed, and the verb runs.
        ([(4, 1, SHELL), (5, 4, VERB), (6, 5, PULUMI)], 0),
        # The verb runs in the background, or in a container, without a shell before it.
        ([(5, 1, VERB), (6, 5, PULUMI)], 0),
        # The verb was killed as well.
        ([(6, 1, PULUMI)], 1),
        # The verb was killed in a session that the user's systemd keeps.
        ([(3, 1, ("/usr/lib/systemd/systemd", "--user")), (6, 3, PULUMI)], 1),
        # A user runs pulumi in a shell.
        ([(2, 1, ("bash",)), (6, 2, PULUMI)], 0),
    ],
)
def test_a_pulumi_is_abandoned_whose_command_was_killed(
    others: list[tuple[int, int, tuple[str, ...]]], left: int
) -> None:
    found = known((1, 0, ("init",)), *others)
    assert processes.is_abandoned(found[6], found) == bool(left)


@contextmanager
def plugin(directory: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that looks like a plugin whose `pulumi` is gone."""
    name = directory / "pulumi-resource-docker"
    shutil.copy(shutil.which("sleep") or "", name)
    process = subprocess.Popen([str(name), *options, "60"], cwd=directory)
    yield process
    process.kill()
    process.wait()


def test_an_abandoned_plugin_of_this_machine_is_found_and_ended(tmp_path: Path) -> None:
    with plugin(tmp_path) as process:
        (found,) = processes.abandoned_plugins(processes.running(), tmp_path)
        assert (found.pid, found.plugin) == (process.pid, "pulumi-resource-docker")
        assert found.parent == os.getpid()
        processes.end([found])
        assert process.wait(timeout=5) != 0
        assert processes.abandoned_plugins(processes.running(), tmp_path) == []


def test_another_users_process_is_known_and_its_directory_is_not(tmp_path: Path) -> None:
    """Its directory cannot be read, its command line can."""
    shown = tmp_path / "6"
    shown.mkdir()
    (shown / "stat").write_text("6 (pulumi) S 5 6 6")
    (shown / "cmdline").write_text("pulumi\0up\0")
    assert processes.running(tmp_path) == {
        6: Process(pid=6, parent=5, words=("pulumi", "up"), directory="")
    }


def test_a_process_that_ignores_the_request_to_end_is_killed(tmp_path: Path) -> None:
    script = "trap '' TERM; echo ready; while :; do sleep 0.1; done"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        processes.end([Process(pid=process.pid, parent=os.getpid(), words=())], grace=0.2)
        assert process.wait(timeout=5) == -9


def test_a_process_that_has_ended_needs_no_end() -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    processes.end([Process(pid=process.pid, parent=1, words=())])


def test_a_system_that_does_not_show_its_processes_has_none(tmp_path: Path) -> None:
    assert processes.running(tmp_path / "proc") == {}
