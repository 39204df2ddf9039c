"""Wheels for a build context."""

from pathlib import Path

import pytest

from airgap import wheels


@pytest.fixture
def downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each call of pip, which here gives one wheel named after the requirement."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    calls: list[str] = []

    def pip(*command: str | Path) -> str:
        wanted = Path(command[command.index("--requirement") + 1]).read_text().strip()
        (Path(command[-1]) / f"{wanted}.whl").touch()
        calls.append(wanted)
        return ""

    monkeypatch.setattr(wheels, "run", pip)
    return calls


def test_wheels_are_downloaded_when_the_requirements_change_and_only_then(
    tmp_path: Path, downloads: list[str]
) -> None:
    requirements, into = tmp_path / "requirements.txt", tmp_path / "wheels"
    for wanted in ("one", "one", "two"):
        requirements.write_text(wanted)
        wheels.download(requirements, into, print)
    assert downloads == ["one", "two"]
    assert [wheel.name for wheel in into.glob("*.whl")] == ["two.whl"]


def test_a_wheel_that_was_removed_is_there_again(tmp_path: Path, downloads: list[str]) -> None:
    requirements, into = tmp_path / "requirements.txt", tmp_path / "wheels"
    requirements.write_text("one")
    wheels.download(requirements, into, print)
    (into / "one.whl").unlink()
    wheels.download(requirements, into, print)
    assert (into / "one.whl").exists()
    assert downloads == ["one"]


def test_another_clone_takes_the_wheels_that_are_kept(tmp_path: Path, downloads: list[str]) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("one")
    lines: list[str] = []
    for clone in ("first", "second"):
        wheels.download(requirements, tmp_path / clone, lines.append)
    assert downloads == ["one"]
    assert len(lines) == 1
    first, second = (
        {path.name: path.read_bytes() for path in (tmp_path / clone).iterdir()}
        for clone in ("first", "second")
    )
    assert first == second != {}
