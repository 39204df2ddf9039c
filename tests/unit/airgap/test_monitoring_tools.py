"""The programs that `make test` runs, with a fake for Debian's packages."""

from pathlib import Path

import pytest

from airgap import monitoring_tools
from airgap.command import AirgapError

PROGRAMS = {
    "prometheus": ["prometheus", "promtool"],
    "prometheus-alertmanager": ["amtool", "prometheus-alertmanager"],
}


@pytest.fixture
def downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The packages that were downloaded. Only apt-get is on PATH."""
    downloads: list[str] = []

    def run(*command: str | Path, cwd: Path | None = None) -> str:
        if command[0] == "apt-get":
            assert cwd is not None
            package = str(command[-1])
            downloads.append(package)
            (cwd / f"{package}_1_amd64.deb").touch()
        else:
            package = Path(command[2]).name.partition("_")[0]
            (Path(command[3]) / "usr" / "bin").mkdir(parents=True)
            for program in PROGRAMS[package]:
                (Path(command[3]) / "usr" / "bin" / program).write_text(program)
        return ""

    (tmp_path / "path").mkdir()
    _program(tmp_path / "path" / "apt-get")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(monitoring_tools, "run", run)
    return downloads


def _program(path: Path) -> None:
    path.touch(mode=0o755)


def test_missing_tools_are_extracted_from_their_packages(
    tmp_path: Path, downloads: list[str]
) -> None:
    monitoring_tools.ensure(tmp_path / "bin", print)
    assert downloads == ["prometheus", "prometheus-alertmanager"]
    assert {path.name: path.read_text() for path in (tmp_path / "bin").iterdir()} == {
        "promtool": "promtool",
        "amtool": "amtool",
    }


def test_an_extracted_tool_is_not_downloaded_again(tmp_path: Path, downloads: list[str]) -> None:
    monitoring_tools.ensure(tmp_path / "bin", print)
    downloads.clear()
    monitoring_tools.ensure(tmp_path / "bin", print)
    assert downloads == []


def test_a_tool_on_path_is_used(tmp_path: Path, downloads: list[str]) -> None:
    _program(tmp_path / "path" / "amtool")
    monitoring_tools.ensure(tmp_path / "bin", print)
    assert downloads == ["prometheus"]


def test_an_error_names_the_missing_tool_where_the_machine_has_no_apt(
    tmp_path: Path, downloads: list[str]
) -> None:
    (tmp_path / "path" / "apt-get").unlink()
    with pytest.raises(AirgapError, match="promtool is missing"):
        monitoring_tools.ensure(tmp_path / "bin", print)
    assert downloads == []
