"""The Pulumi CLI and the Go that builds it."""

from pathlib import Path

import pytest

from airgap import decide, go, places, toolchain


def test_a_pulumi_of_the_user_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "installed_cli", lambda: "/usr/bin/pulumi")
    lines: list[str] = []
    toolchain.ensure(tmp_path / "bin", lines.append)
    assert lines == ["Pulumi: /usr/bin/pulumi is used"]


def test_programs_that_are_there_are_not_built_again_until_the_version_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decide, "installed_cli", lambda: "")
    toolchain.forget_other_version(tmp_path)
    for program in toolchain.PROGRAMS:
        (tmp_path / program).touch()
    toolchain.ensure(tmp_path, print)
    assert (tmp_path / "pulumi").exists()
    monkeypatch.setattr(places, "PULUMI_VERSION", "9.9.9")
    toolchain.forget_other_version(tmp_path)
    assert not (tmp_path / "pulumi").exists()


def test_a_go_that_is_too_old_is_seen(tmp_path: Path) -> None:
    old = tmp_path / "go"
    old.write_text("#!/bin/sh\necho go version go1.19.8 linux/amd64\n")
    old.chmod(0o755)
    assert go.version(old) == (1, 19, 8) < go.needed()
