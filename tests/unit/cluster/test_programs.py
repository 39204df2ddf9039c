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
    """The names of what was built."""
    built: list[str] = []

    def build(compiler: Path, module: Path, package: str, target: Path, **options: Any) -> None:
        built.append(target.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()

    monkeypatch.setattr(go, "find", lambda module: Path("go"))
    monkeypatch.setattr(go, "build", build)
    return built


def test_each_is_built_once(tmp_path: Path, builds: list[str]) -> None:
    programs.ensure(tmp_path / "bin", print)
    assert builds == [program.name for program in PROGRAMS]
    said: list[str] = []
    programs.ensure(tmp_path / "bin", said.append)
    assert len(builds) == len(PROGRAMS)
    assert said == [f"{len(PROGRAMS)} of {len(PROGRAMS)} programs were current"]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_programs_version_is_the_one_that_its_module_asks_for(program: Program) -> None:
    lines = (program.module / "go.mod").read_text().splitlines()
    asked = {line.split()[-1] for line in lines if "//" not in line and "=>" not in line if line}
    assert f"v{program.version}" in asked
    assert (program.module / "go.sum").stat().st_size > 0


def test_kubectl_is_the_users_own_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    users, ours = tmp_path / "users", tmp_path / "ours"
    users.mkdir()
    ours.mkdir()
    (users / "kubectl").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(users))
    programs.link_kubectl(ours)
    assert not (ours / "kubectl").is_symlink()
    monkeypatch.setenv("PATH", str(ours))
    programs.link_kubectl(ours)
    programs.link_kubectl(ours)
    assert (ours / "kubectl").readlink() == Path("kubernetes")
