"""The Docker engine of this machine, with fakes for `docker` and `dockerd` on PATH."""

import os
from pathlib import Path

import pytest

from airgap import engine
from airgap.command import AirgapError


@pytest.fixture(autouse=True)
def _machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`docker` answers as soon as the file `up` exists; `dockerd` creates it."""
    programs = {"docker": f"test -e {tmp_path}/up", "dockerd": f"touch {tmp_path}/up; sleep 1"}
    for name, body in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(engine, "SYSTEMD", tmp_path / "none")


def test_an_engine_that_answers_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "up").touch()
    lines: list[str] = []
    engine.ensure(lines.append)
    assert lines == []


def test_a_start_removes_the_pid_file_of_a_killed_engine(tmp_path: Path) -> None:
    pid_file = tmp_path / "docker.pid"
    pid_file.write_text(str(os.getpid()))  # another process has this number now
    log = engine.start(pid_file=pid_file)
    assert log == tmp_path / "state/ai-platform/dockerd.log"
    assert not pid_file.exists()
    assert engine.answers()


def test_the_error_quotes_the_log_of_an_engine_that_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "dockerd").write_text("#!/bin/sh\necho no room\nexit 1\n")
    with pytest.raises(AirgapError, match="no room"):
        engine.start(pid_file=tmp_path / "docker.pid")


def test_a_user_without_root_learns_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(AirgapError, match="as root"):
        engine.ensure(print)


def test_no_local_engine_replaces_the_one_that_docker_host_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    with pytest.raises(AirgapError, match="DOCKER_HOST"):
        engine.ensure(print)
