"""Pulumi's plugins, compiled from their Go modules where Pulumi's downloads do not answer.

They are installed into this project's own PULUMI_HOME, each under a version that ends with
`+compiled`.
"""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from airgap import directories, go, toolchain
from airgap.command import run
from airgap.program import Program
from airgap.report import Report

COMPILED = "+compiled"
"""Build metadata: Pulumi uses a plugin `5.2.0+compiled` where a program requires `5.2.0`."""

SDK = "github.com/pulumi/pulumi/sdk/v3"
KUBERNETES_MODULE = "github.com/pulumi/pulumi-kubernetes/provider/v4"


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """A plugin and the program that it is compiled from."""

    name: str
    program: Program
    kind: Literal["resource", "language"] = "resource"

    @property
    def version(self) -> str:
        return self.program.version + COMPILED

    @property
    def folder(self) -> Path:
        """The folder that `pulumi plugin install` puts the plugin into."""
        return (
            directories.own_pulumi_home() / "plugins" / f"{self.kind}-{self.name}-v{self.version}"
        )

    @property
    def current(self) -> bool:
        return self.program.current(self.folder)


def sdk_version(name: str) -> str:
    """The version of a provider's Python SDK; the SDK requires the official plugin of it."""
    return metadata.version(f"pulumi-{name}")


def _provider(name: str, version: str, directory: str, package: str, **options: Any) -> Plugin:
    program = Program(
        name=f"pulumi-resource-{name}",
        version=version,
        directory=directory,
        package=package,
        link=f"-X main.version={version}",
        **options,
    )
    return Plugin(name=name, program=program)


PROVIDERS = {
    plugin.name: plugin
    for plugin in (
        _provider("docker", sdk_version("docker"), "pulumi", "./docker"),
        _provider("random", sdk_version("random"), "pulumi", "./random"),
        _provider(
            "kubernetes",
            "4.25.0",  # the only release whose module the module proxy serves
            "kubernetes",
            "./pulumi-resource-kubernetes",
            embedded={
                f"pulumi-resource-kubernetes/{file}": (
                    KUBERNETES_MODULE,
                    f"cmd/pulumi-resource-kubernetes/{file}",
                )
                for file in ("schema.json", "terraform-mapping.json")
            },
        ),
    )
}

PYTHON = Plugin(
    name="python",
    kind="language",
    program=Program(
        name="pulumi-language-python",
        version="3.75.0",
        directory="language-host",
        package=f"{SDK}/python/cmd/pulumi-language-python",
    ),
)
"""Pulumi's host for Python programs, from the last version whose module contains it."""

RUNNER = "pulumi-language-python-exec"
"""The script that the language host starts; it comes with the SDK's module."""


def required(target: str) -> dict[str, str]:
    """The versions of the compiled providers that stacks of a target need, by provider."""
    return {name: PROVIDERS[name].version for name in (target, "random")}


def official(name: str) -> Path:
    """The path of the official plugin that a provider's SDK requires."""
    version = sdk_version(name)
    folder = directories.users_pulumi_home() / "plugins" / f"resource-{name}-v{version}"
    return folder / f"pulumi-resource-{name}"


def missing(target: str) -> tuple[str, ...]:
    """The official plugins that stacks of a target need and that are not installed."""
    return tuple(
        f"{name} {sdk_version(name)}" for name in (target, "random") if not official(name).exists()
    )


def ensure(plugins: Iterable[Plugin], cli: str | Path, report: Report) -> None:
    """Make sure that these plugins are compiled, and installed for the CLI `cli`.

    Older versions stay: Pulumi takes a stack down with the plugin that deployed it. Raises
    AirgapError with the compiler's last lines.
    """
    for plugin in plugins:
        if not plugin.current:
            report(f"compiling plugin {plugin.name} {plugin.version}; it takes minutes")
            _install(plugin, cli)
        report(f"plugin {plugin.name} {plugin.version}: compiled, in {plugin.folder}")


def _install(plugin: Plugin, cli: str | Path) -> None:
    with TemporaryDirectory() as scratch:
        plugin.program.build(Path(scratch))
        shutil.rmtree(plugin.folder, ignore_errors=True)
        if plugin.kind == "language":
            # `pulumi plugin install` rejects a language host that the official releases contain.
            _copy_runner(Path(scratch))
            shutil.copytree(scratch, plugin.folder)
            return
        home = str(directories.own_pulumi_home())
        run(
            cli, "plugin", "install", plugin.kind, plugin.name, plugin.version, "--file", scratch,
            env={"PULUMI_HOME": home, "PULUMI_SKIP_UPDATE_CHECK": "1"},
        )  # fmt: skip


def _copy_runner(folder: Path) -> None:
    sdk = go.module_folder(toolchain.CLI.module, SDK)
    shutil.copyfile(sdk / "python" / "cmd" / RUNNER, folder / RUNNER)
    (folder / RUNNER).chmod(0o755)
