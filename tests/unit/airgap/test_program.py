"""Programs built from Go modules, with fakes for the Go compiler."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from airgap import go
from airgap.command import AirgapError
from cluster.programs import COREDNS


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any]]:
    """The options of each build."""
    builds: list[Mapping[str, Any]] = []

    def build(compiler: Path, module: Path, package: str, target: Path, **options: Any) -> None:
        builds.append(options)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()

    monkeypatch.setattr(go, "find", lambda module: Path("go"))
    monkeypatch.setattr(go, "build", build)
    return builds


def test_a_program_is_built_again_only_when_its_source_changes(
    tmp_path: Path, builds: list[Mapping[str, Any]]
) -> None:
    for _ in range(2):
        assert COREDNS.build(tmp_path) == tmp_path / "coredns"
    assert len(builds) == 1
    changed = replace(COREDNS, link="-X main.other=yes")
    assert not changed.current(tmp_path)
    changed.build(tmp_path)
    assert [build["link"] for build in builds] == ["", "-X main.other=yes"]


def test_an_interrupted_build_is_built_again(
    tmp_path: Path, builds: list[Mapping[str, Any]]
) -> None:
    (tmp_path / COREDNS.name).touch()
    COREDNS.build(tmp_path)
    assert len(builds) == 1


COMPILER = """\
#!/bin/sh
if [ "$1" = mod ]; then echo '{"Dir": "/other"}'; exit; fi
[ "$1" = version ] && echo go version go99.0 linux/amd64 && exit
while [ "$1" != -o ]; do [ "$1" = -overlay ] && cp "$2" "$COPY"; shift; done
touch "$2"
"""


def test_a_build_replaces_a_file_of_ours_with_one_of_another_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler, copy = tmp_path / "go", tmp_path / "overlay.json"
    compiler.write_text(COMPILER)
    compiler.chmod(0o755)
    monkeypatch.setenv("COPY", str(copy))
    monkeypatch.setattr(go, "find", lambda module: compiler)
    module = tmp_path / "module"
    module.mkdir()
    embedded = {"kubernetes/schema.json": ("example.com/other", "cmd/schema.json")}
    go.build(compiler, module, ".", tmp_path / "program", link="", embedded=embedded)
    assert json.loads(copy.read_text()) == {
        "Replace": {f"{module}/kubernetes/schema.json": "/other/cmd/schema.json"}
    }


def test_a_failed_build_leaves_no_program_that_counts_as_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(go, "find", lambda module: Path("false"))
    with pytest.raises(AirgapError):
        COREDNS.build(tmp_path)
    assert not COREDNS.current(tmp_path)
