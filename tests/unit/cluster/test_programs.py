"""The cluster's programs, with a fake for the Go compiler."""

from pathlib import Path
from typing import Any

import pytest

from airgap import go
from airgap.program import Program
from cluster import programs
from cluster.programs import PROGRAMS


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the programs that were built."""
    names: list[str] = []

    def build(compiler: Path, module: Path, package: str, target: Path, **options: Any) -> None:
        names.append(target.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()

    monkeypatch.setattr(go, "find", lambda module: Path("go"))
    monkeypatch.setattr(go, "build", build)
    return names


def test_every_program_is_built_once(tmp_path: Path, builds: list[str]) -> None:
    programs.ensure(tmp_path / "bin", print)
    assert builds == [program.name for program in PROGRAMS]
    lines: list[str] = []
    programs.ensure(tmp_path / "bin", lines.append)
    assert len(builds) == len(PROGRAMS)
    assert lines == [f"{len(PROGRAMS)} of {len(PROGRAMS)} programs were up to date"]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_program_has_the_version_that_its_module_requires(program: Program) -> None:
    lines = (program.module / "go.mod").read_text().splitlines()
    versions = {line.split()[-1] for line in lines if "//" not in line and "=>" not in line if line}
    assert f"v{program.version}" in versions
    assert (program.module / "go.sum").stat().st_size > 0


def test_kubectl_is_linked_unless_the_user_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    users_path, own_path = tmp_path / "users", tmp_path / "ours"
    users_path.mkdir()
    own_path.mkdir()
    (users_path / "kubectl").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(users_path))
    programs.link_kubectl(own_path)
    assert not (own_path / "kubectl").is_symlink()
    monkeypatch.setenv("PATH", str(own_path))
    programs.link_kubectl(own_path)
    programs.link_kubectl(own_path)
    assert (own_path / "kubectl").readlink() == Path("kubernetes")
