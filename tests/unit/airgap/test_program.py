"""Programs built from Go modules, with a fake for the Go compiler."""

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
    built: list[Mapping[str, Any]] = []

    def build(compiler: Path, module: Path, package: str, target: Path, **options: Any) -> None:
        built.append(options)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()

    monkeypatch.setattr(go, "find", lambda module: Path("go"))
    monkeypatch.setattr(go, "build", build)
    return built


def test_a_program_is_built_once_for_each_state_of_its_source(
    tmp_path: Path, builds: list[Mapping[str, Any]]
) -> None:
    for _ in range(2):
        assert COREDNS.build(tmp_path) == tmp_path / "coredns"
    assert len(builds) == 1
    other = replace(COREDNS, link="-X main.other=yes")
    assert not other.current(tmp_path)
    other.build(tmp_path)
    assert [each["link"] for each in builds] == ["", "-X main.other=yes"]


def test_a_build_that_was_cut_off_counts_as_none(
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


def test_a_file_of_another_module_is_laid_over_ours_while_the_program_is_built(
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


def test_a_build_that_fails_leaves_nothing_that_counts_as_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(go, "find", lambda module: Path("false"))
    with pytest.raises(AirgapError):
        COREDNS.build(tmp_path)
    assert not COREDNS.current(tmp_path)
