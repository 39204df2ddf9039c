"""Wheels for a build context."""

from pathlib import Path

import pytest

from airgap import wheels


@pytest.fixture
def downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The requirement of each call of pip, which downloads one wheel with its name."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    calls: list[str] = []

    def pip(*command: str | Path) -> str:
        requirement = Path(command[command.index("--requirement") + 1]).read_text().strip()
        (Path(command[-1]) / f"{requirement}.whl").touch()
        calls.append(requirement)
        return ""

    monkeypatch.setattr(wheels, "run", pip)
    return calls


def test_wheels_are_downloaded_only_when_the_requirements_change(
    tmp_path: Path, downloads: list[str]
) -> None:
    requirements, into = tmp_path / "requirements.txt", tmp_path / "wheels"
    for requirement in ("one", "one", "two"):
        requirements.write_text(requirement)
        wheels.download(requirements, into, print)
    assert downloads == ["one", "two"]
    assert [wheel.name for wheel in into.glob("*.whl")] == ["two.whl"]


def test_a_removed_wheel_is_restored_from_the_cache(tmp_path: Path, downloads: list[str]) -> None:
    requirements, into = tmp_path / "requirements.txt", tmp_path / "wheels"
    requirements.write_text("one")
    wheels.download(requirements, into, print)
    (into / "one.whl").unlink()
    wheels.download(requirements, into, print)
    assert (into / "one.whl").exists()
    assert downloads == ["one"]


def test_another_clone_uses_the_cached_wheels(tmp_path: Path, downloads: list[str]) -> None:
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


def test_images_of_one_context_do_not_mix_their_wheels(
    tmp_path: Path, downloads: list[str]
) -> None:
    (tmp_path / "requirements").mkdir()
    for name in ("api", "decision"):
        (tmp_path / "requirements" / f"{name}.txt").write_text(f"for-{name}")
        wheels.ensure(tmp_path, f"{name}.Dockerfile", print)
    folder = tmp_path / "wheels"
    assert sorted(str(wheel.relative_to(folder)) for wheel in folder.rglob("*.whl")) == [
        "api/for-api.whl",
        "decision/for-decision.whl",
    ]


def test_a_plain_dockerfile_has_its_wheels_in_one_directory(
    tmp_path: Path, downloads: list[str]
) -> None:
    (tmp_path / "requirements.txt").write_text("one")
    wheels.ensure(tmp_path, "Dockerfile", print)
    assert (tmp_path / "wheels" / "one.whl").exists()


def test_an_image_without_requirements_needs_no_wheels(
    tmp_path: Path, downloads: list[str]
) -> None:
    wheels.ensure(tmp_path, "Dockerfile", print)
    assert downloads == []
    assert list(tmp_path.glob("wheels")) == []
