from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from airgap.plugins.install import VERSIONS, ensure, install, official


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))


def put_official(name: str) -> None:
    path = official(name, VERSIONS[name])
    path.parent.mkdir(parents=True)
    path.write_text('#!/bin/sh\necho "official $1"\n')
    path.chmod(0o755)


def test_each_stand_in_gets_an_executable_and_a_line(tmp_path: Path) -> None:
    lines = install(tmp_path / "bin", Path(sys.executable))
    assert lines == [
        f"pulumi-resource-{name} {version}: stand-in at {tmp_path}/bin/pulumi-resource-{name}"
        for name, version in VERSIONS.items()
    ]


def test_the_set_up_step_reports_the_same_lines(tmp_path: Path) -> None:
    lines: list[str] = []
    ensure(tmp_path / "bin", lines.append)
    assert lines == install(tmp_path / "bin", Path(sys.executable))


def test_an_installed_official_plugin_needs_no_stand_in(tmp_path: Path) -> None:
    install(tmp_path / "bin", Path(sys.executable))
    put_official("docker")
    lines = install(tmp_path / "bin", Path(sys.executable))
    assert lines[0] == (
        "pulumi-resource-docker 5.1.0: the official plugin is installed, no stand-in needed"
    )
    assert sorted(path.name for path in (tmp_path / "bin").iterdir()) == [
        "pulumi-resource-kubernetes",
        "pulumi-resource-random",
    ]


def test_an_official_plugin_that_is_installed_later_is_started_instead(tmp_path: Path) -> None:
    install(tmp_path / "bin", Path(sys.executable))
    put_official("docker")
    command: list[str | Path] = [tmp_path / "bin/pulumi-resource-docker", "127.0.0.1:1"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout == "official 127.0.0.1:1\n"


@pytest.mark.parametrize("name", VERSIONS)
def test_a_stand_in_prints_its_port_and_ends_with_the_signal_that_the_engine_sends(
    tmp_path: Path, name: str
) -> None:
    install(tmp_path / "bin", Path(sys.executable))
    command: list[str | Path] = [tmp_path / f"bin/pulumi-resource-{name}", "127.0.0.1:1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as plugin:
        assert plugin.stdout is not None
        assert int(plugin.stdout.readline()) > 0
        plugin.send_signal(2)
        plugin.wait(timeout=5)


def test_the_stand_in_of_a_clone_that_is_gone_runs_out_of_the_clone_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "bin", tmp_path / "gone" / "python3")
    clone = tmp_path / "clone"
    (clone / "airgap" / "plugins").mkdir(parents=True)
    python = clone / ".venv" / "bin" / "python3"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$PYTHONPATH: $*"\n')
    python.chmod(0o755)
    monkeypatch.setenv("PATH", f"{python.parent}:{os.environ['PATH']}")
    command: list[str | Path] = [tmp_path / "bin/pulumi-resource-docker", "127.0.0.1:1"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout == f"{clone}: -P -m airgap.plugins.docker 127.0.0.1:1\n"
