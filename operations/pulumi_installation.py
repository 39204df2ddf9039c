"""The Pulumi CLI and its plugins on this machine: installed, downloaded, or built."""

from collections.abc import Iterable
from pathlib import Path

from airgap import availability, plugins, toolchain
from airgap.report import Report
from operations.machine_choices import PluginVersions
from operations.workspace import cache_directory

OUTDATED = ("pulumi-resource-*", "pulumi-language-python*", ".pulumi-version")
"""Files of earlier versions of this project beside the CLI. Pulumi prefers plugins on PATH."""


def ensure(target: str, compiled: PluginVersions, report: Report) -> None:
    """Make sure that `pulumi` can run stacks of a target; report each plugin and its folder."""
    folder = cache_directory() / "bin"
    toolchain.ensure(folder, report)
    required = plugins.required(target)
    selection = [plugins.PROVIDERS[name] for name in required if name in compiled]
    cli = availability.installed_cli() or folder / "pulumi"
    if toolchain.is_built(folder):
        _remove_outdated(folder)
        selection = [plugins.PYTHON, *selection]
    plugins.ensure(selection, cli, report)
    _report_official((name for name in required if name not in compiled), report)


def _remove_outdated(folder: Path) -> None:
    for pattern in OUTDATED:
        for path in folder.glob(pattern):
            path.unlink()


def _report_official(names: Iterable[str], report: Report) -> None:
    for name in names:
        folder = plugins.official(name).parent
        origin = f"in {folder}" if folder.exists() else "which Pulumi downloads"
        report(f"plugin {name} {plugins.sdk_version(name)}: official, {origin}")
