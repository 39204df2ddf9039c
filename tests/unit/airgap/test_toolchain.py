"""The Pulumi CLI and the Go that builds it."""

from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from airgap import availability, go, toolchain


def test_the_users_own_pulumi_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(availability, "installed_cli", lambda: "/usr/bin/pulumi")
    lines: list[str] = []
    toolchain.ensure(tmp_path / "bin", lines.append)
    assert lines == ["Pulumi: /usr/bin/pulumi is used"]


def test_a_downloaded_pulumi_is_used_until_the_version_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(availability, "installed_cli", lambda: "")
    monkeypatch.setattr(availability, "pulumi_site_answers", lambda: True)
    downloads: list[str] = []

    def run(*words: str | Path) -> str:
        downloads.append(str(words[4]))
        (tmp_path / "pulumi").touch()
        return ""

    monkeypatch.setattr(toolchain, "run", run)
    for _ in range(2):
        toolchain.ensure(tmp_path, print)
    monkeypatch.setattr(toolchain, "CLI", replace(toolchain.CLI, version="9.9.9"))
    toolchain.ensure(tmp_path, print)
    assert downloads == [toolchain.PULUMI_VERSION, "9.9.9"]
    assert not toolchain.is_built(tmp_path)


def test_pulumi_is_built_once_where_pulumis_site_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(availability, "installed_cli", lambda: "")
    monkeypatch.setattr(availability, "pulumi_site_answers", lambda: False)
    monkeypatch.setattr(go, "find", lambda module: Path("go"))
    monkeypatch.setattr(go, "build", lambda *words, **options: words[3].touch())
    for outcome in ("built in", "is in"):
        lines: list[str] = []
        toolchain.ensure(tmp_path, lines.append)
        assert lines[-1] == f"Pulumi {toolchain.PULUMI_VERSION} {outcome} {tmp_path}"
    assert toolchain.is_built(tmp_path)


def test_the_cli_and_the_sdk_have_the_same_version() -> None:
    assert metadata.version("pulumi") == toolchain.PULUMI_VERSION


def test_a_version_of_go_that_is_too_old_is_recognised(tmp_path: Path) -> None:
    compiler = tmp_path / "go"
    compiler.write_text("#!/bin/sh\necho go version go1.19.8 linux/amd64\n")
    compiler.chmod(0o755)
    assert go.version(compiler) == (1, 19, 8) < go.needed(toolchain.CLI.module)
