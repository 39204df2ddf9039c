"""The lock that a killed update leaves, and the one that a running update holds."""

import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

import click
import pytest

from operations import processes, update_lock
from operations.update_lock import Lock

SINCE = "2026-11-30T15:18:46Z"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A backend that is a directory."""
    (tmp_path / ".pulumi/locks/organization/p/dev").mkdir(parents=True)
    return tmp_path


def lock(state: Path, pid: int, host: str | None = None) -> Path:
    """The lock of a process, as Pulumi writes it."""
    file = state / ".pulumi/locks/organization/p/dev/f3a2.json"
    content = {
        "pid": pid,
        "username": "ann",
        "hostname": host or socket.gethostname(),
        "timestamp": SINCE,
    }
    file.write_text(json.dumps(content))
    return file


def locks(state: Path) -> list[Lock]:
    return update_lock.locks(f"file://{state}?no_tmp_dir=true", "p", "dev")


def release(state: Path) -> list[str]:
    lines: list[str] = []
    update_lock.release(locks(state), "dev", lines.append)
    return lines


def ended() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def pulumi(directory: Path) -> Path:
    """A program that looks like Pulumi's CLI, and runs for as many seconds as its argument says."""
    name = directory / "pulumi"
    shutil.copy(shutil.which("sleep") or "", name)
    return name


def test_the_lock_of_a_killed_process_is_removed(state: Path) -> None:
    pid = ended()
    file = lock(state, pid)
    assert release(state) == [f"removed the lock of process {pid}, which was killed"]
    assert not file.exists()


def test_the_number_of_the_killed_process_may_be_another_ones_now(state: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as other:
        file = lock(state, other.pid)
        release(state)
        other.kill()
    assert not file.exists()


def test_a_running_update_keeps_its_lock_and_is_named(state: Path) -> None:
    with subprocess.Popen([str(pulumi(state)), "60"]) as running:
        file = lock(state, running.pid)
        with pytest.raises(click.ClickException) as raised:
            release(state)
        running.kill()
    assert file.exists()
    assert f"process {running.pid} of this machine" in raised.value.message
    assert f"changing the stack dev since {SINCE}" in raised.value.message
    assert f"kill -INT {running.pid}" in raised.value.message


def test_another_users_update_keeps_its_lock_on_a_system_that_hides_processes(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(pid: int, number: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refused)
    monkeypatch.setattr(processes, "running", lambda: {})
    file = lock(state, 4711)
    with pytest.raises(click.ClickException, match="process 4711 of this machine"):
        release(state)
    assert file.exists()


def test_a_running_update_keeps_its_lock_where_the_system_shows_no_processes(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """macOS has no /proc."""
    monkeypatch.setattr(processes, "PROC", state / "proc")
    monkeypatch.setattr(processes, "running", lambda: {})
    with subprocess.Popen([str(pulumi(state)), "60"]) as running:
        file = lock(state, running.pid)
        with pytest.raises(click.ClickException, match=f"process {running.pid} of this machine"):
            release(state)
        running.kill()
    assert file.exists()
    assert release(state) == [f"removed the lock of process {running.pid}, which was killed"]


def test_an_update_whose_command_was_killed_is_awaited(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "is_abandoned", lambda process, known: True)
    with subprocess.Popen([str(pulumi(state)), "0.3"]) as running:
        file = lock(state, running.pid)
        lines = release(state)
        assert running.poll() == 0
    assert f"process {running.pid} goes on" in lines[0]
    assert not file.exists()


def test_the_lock_of_another_machine_stays_and_the_message_says_how_to_remove_it(
    state: Path,
) -> None:
    file = lock(state, ended(), host="other.example.com")
    with pytest.raises(click.ClickException) as raised:
        release(state)
    assert "ann on other.example.com" in raised.value.message
    assert raised.value.message.endswith("pulumi cancel --stack dev")
    assert file.exists()


@pytest.mark.parametrize("backend", ["", "https://api.pulumi.example.com", "s3://bucket"])
def test_other_backends_know_themselves_when_an_update_has_ended(backend: str) -> None:
    assert update_lock.locks(backend, "p", "dev") == []


def test_a_stacks_organisation_is_not_part_of_the_path_of_its_locks(state: Path) -> None:
    lock(state, ended())
    (found,) = update_lock.locks(f"file://{state}", "p", "organization/p/dev")
    assert found.user == "ann"


def test_a_file_that_is_no_lock_is_left_alone(state: Path) -> None:
    file = lock(state, 1)
    file.write_text("{}")
    assert release(state) == []
    assert file.exists()
