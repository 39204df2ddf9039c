"""The Pulumi CLI and its plugins on this machine: found, downloaded, or built."""

from collections.abc import Iterable
from pathlib import Path

from airgap import decide, plugins, toolchain
from operations import choice, steps
from operations.workspace import cache_directory

OLDER = ("pulumi-resource-*", "pulumi-language-python*", ".pulumi-version")
"""What earlier versions of this project put beside the CLI: the engine prefers plugins on PATH."""


def ensure(target: str, chosen: choice.Plugins, report: steps.Report) -> None:
    """Have what `pulumi` needs to run stacks of a target, and say which plugins run, from where."""
    folder = cache_directory() / "bin"
    toolchain.ensure(folder, report)
    compiled = [plugins.PROVIDERS[name] for name in plugins.wanted(target) if name in chosen]
    cli = decide.installed_cli() or folder / "pulumi"
    if toolchain.built(folder):
        _forget_older(folder)
        compiled = [plugins.PYTHON, *compiled]
    plugins.ensure(compiled, cli, report)
    _report_official((name for name in plugins.wanted(target) if name not in chosen), report)


def _forget_older(folder: Path) -> None:
    for pattern in OLDER:
        for path in folder.glob(pattern):
            path.unlink()


def _report_official(names: Iterable[str], report: steps.Report) -> None:
    for name in names:
        installed = plugins.official(name).parent
        where = f"in {installed}" if installed.exists() else "which Pulumi downloads"
        report(f"plugin {name} {plugins.sdk_version(name)}: official, {where}")
