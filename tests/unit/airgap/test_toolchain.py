"""The Pulumi CLI and the Go that builds it."""

from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from airgap import decide, go, places, toolchain


def test_a_pulumi_of_the_user_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "installed_cli", lambda: "/usr/bin/pulumi")
    lines: list[str] = []
    toolchain.ensure(tmp_path / "bin", lines.append)
    assert lines == ["Pulumi: /usr/bin/pulumi is used"]


def test_a_downloaded_pulumi_is_used_until_the_version_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decide, "installed_cli", lambda: "")
    monkeypatch.setattr(decide, "pulumi_site_answers", lambda: True)
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
    assert downloads == [places.PULUMI_VERSION, "9.9.9"]
    assert not toolchain.built(tmp_path)


def test_where_pulumis_site_does_not_answer_pulumi_is_built_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decide, "installed_cli", lambda: "")
    monkeypatch.setattr(decide, "pulumi_site_answers", lambda: False)
    monkeypatch.setattr(go, "find", lambda module: Path("go"))
    monkeypatch.setattr(go, "build", lambda *words, **options: words[3].touch())
    for last in ("built in", "is in"):
        said: list[str] = []
        toolchain.ensure(tmp_path, said.append)
        assert said[-1] == f"Pulumi {places.PULUMI_VERSION} {last} {tmp_path}"
    assert toolchain.built(tmp_path)


def test_the_cli_and_the_sdk_are_of_one_version() -> None:
    assert metadata.version("pulumi") == places.PULUMI_VERSION


def test_a_go_that_is_too_old_is_seen(tmp_path: Path) -> None:
    old = tmp_path / "go"
    old.write_text("#!/bin/sh\necho go version go1.19.8 linux/amd64\n")
    old.chmod(0o755)
    assert go.version(old) == (1, 19, 8) < go.needed(toolchain.CLI.module)
