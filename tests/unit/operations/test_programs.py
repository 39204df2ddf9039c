"""The Pulumi CLI and its plugins: compiled only where that was decided."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from airgap import plugins, toolchain
from airgap.plugins import Plugin
from operations import programs
from tests.unit.operations.conftest import program


@pytest.fixture
def compiled(machine: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the plugins that are compiled, on a machine with a CLI of our own building."""
    names: list[str] = []

    def ensure(chosen: Iterable[Plugin], cli: str | Path, report: object) -> None:
        names.extend(plugin.name for plugin in chosen)

    monkeypatch.setattr(toolchain, "ensure", lambda folder, report: None)
    monkeypatch.setattr(toolchain, "built", lambda folder: True)
    monkeypatch.setattr(plugins, "ensure", ensure)
    return names


@pytest.mark.parametrize("target", ["docker", "kubernetes"])
def test_only_what_a_target_needs_is_compiled(compiled: list[str], target: str) -> None:
    programs.ensure(target, plugins.wanted(target), lambda line: None)
    assert compiled == ["python", target, "random"]


def test_a_cli_that_pulumi_made_has_its_own_language_host(
    compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toolchain, "built", lambda folder: False)
    programs.ensure("docker", plugins.wanted("docker"), lambda line: None)
    assert compiled == ["docker", "random"]


def test_official_plugins_are_named_with_their_version_and_place(
    compiled: list[str], machine: Path
) -> None:
    version = plugins.sdk_version("docker")
    plugins.official("docker").parent.mkdir(parents=True)
    said: list[str] = []
    programs.ensure("docker", {}, said.append)
    assert compiled == ["python"]
    folder = machine / "pulumi-home" / "plugins" / f"resource-docker-v{version}"
    assert said == [
        f"plugin docker {version}: official, in {folder}",
        f"plugin random {plugins.sdk_version('random')}: official, which Pulumi downloads",
    ]


def test_what_earlier_versions_put_beside_the_cli_goes(compiled: list[str], machine: Path) -> None:
    """The engine would prefer it to what is installed."""
    folder = machine / "cache" / "ai-platform" / "bin"
    for name in ("pulumi", "pulumi-resource-docker", "pulumi-language-python-exec", "promtool"):
        program(machine, name, "")
    programs.ensure("docker", {}, lambda line: None)
    assert sorted(path.name for path in folder.iterdir()) == ["promtool", "pulumi"]
