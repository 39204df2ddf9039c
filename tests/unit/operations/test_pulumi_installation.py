"""The installation of the Pulumi CLI and its plugins: only chosen plugins are compiled."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from airgap import plugins, toolchain
from airgap.plugins import Plugin
from operations import pulumi_installation
from tests.unit.operations.conftest import program


@pytest.fixture
def compiled(machine: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the plugins that are compiled, on a machine that built its CLI."""
    names: list[str] = []

    def ensure(selection: Iterable[Plugin], cli: str | Path, report: object) -> None:
        names.extend(plugin.name for plugin in selection)

    monkeypatch.setattr(toolchain, "ensure", lambda folder, report: None)
    monkeypatch.setattr(toolchain, "is_built", lambda folder: True)
    monkeypatch.setattr(plugins, "ensure", ensure)
    return names


@pytest.mark.parametrize("target", ["docker", "kubernetes"])
def test_only_the_plugins_of_the_target_are_compiled(compiled: list[str], target: str) -> None:
    pulumi_installation.ensure(target, plugins.required(target), lambda line: None)
    assert compiled == ["python", target, "random"]


def test_an_official_cli_needs_no_compiled_language_host(
    compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toolchain, "is_built", lambda folder: False)
    pulumi_installation.ensure("docker", plugins.required("docker"), lambda line: None)
    assert compiled == ["docker", "random"]


def test_the_report_names_version_and_folder_of_official_plugins(
    compiled: list[str], machine: Path
) -> None:
    version = plugins.sdk_version("docker")
    plugins.official("docker").parent.mkdir(parents=True)
    lines: list[str] = []
    pulumi_installation.ensure("docker", {}, lines.append)
    assert compiled == ["python"]
    folder = machine / "pulumi-home" / "plugins" / f"resource-docker-v{version}"
    assert lines == [
        f"plugin docker {version}: official, in {folder}",
        f"plugin random {plugins.sdk_version('random')}: official, which Pulumi downloads",
    ]


def test_files_of_earlier_versions_beside_the_cli_are_removed(
    compiled: list[str], machine: Path
) -> None:
    """Pulumi would prefer them to the installed plugins."""
    folder = machine / "cache" / "ai-platform" / "bin"
    for name in ("pulumi", "pulumi-resource-docker", "pulumi-language-python-exec", "promtool"):
        program(machine, name, "")
    pulumi_installation.ensure("docker", {}, lambda line: None)
    assert sorted(path.name for path in folder.iterdir()) == ["promtool", "pulumi"]
