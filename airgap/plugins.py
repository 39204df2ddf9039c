"""Pulumi's plugins, compiled from their Go modules where Pulumi's downloads do not answer.

They are installed into a PULUMI_HOME of this project's own, each under a version that ends with
`+compiled`.
"""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from airgap import go, places, toolchain
from airgap.command import run
from airgap.program import Program

COMPILED = "+compiled"
"""Build metadata: a plugin with it answers for the version without it."""

SDK = "github.com/pulumi/pulumi/sdk/v3"
KUBERNETES_MODULE = "github.com/pulumi/pulumi-kubernetes/provider/v4"

Report = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """A plugin and the program that it is, compiled."""

    name: str
    program: Program
    kind: Literal["resource", "language"] = "resource"

    @property
    def version(self) -> str:
        return self.program.version + COMPILED

    @property
    def folder(self) -> Path:
        """Where `pulumi plugin install` puts it."""
        return places.own_pulumi_home() / "plugins" / f"{self.kind}-{self.name}-v{self.version}"

    @property
    def current(self) -> bool:
        return self.program.current(self.folder)


def sdk_version(name: str) -> str:
    """The version of a provider's Python SDK, which is that of the official plugin it asks for."""
    return metadata.version(f"pulumi-{name}")


def _provider(name: str, version: str, directory: str, package: str, **more: Any) -> Plugin:
    program = Program(
        name=f"pulumi-resource-{name}",
        version=version,
        directory=directory,
        package=package,
        link=f"-X main.version={version}",
        **more,
    )
    return Plugin(name=name, program=program)


PROVIDERS = {
    plugin.name: plugin
    for plugin in (
        _provider("docker", sdk_version("docker"), "pulumi", "./docker"),
        _provider("random", sdk_version("random"), "pulumi", "./random"),
        _provider(
            "kubernetes",
            "4.25.0",  # The only release of the official plugin that the module proxy serves.
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
"""Pulumi's host for Python programs, from the last module that still holds it."""

RUNNER = "pulumi-language-python-exec"
"""The script that the language host starts; it comes with the SDK's module."""


def wanted(target: str) -> dict[str, str]:
    """The versions of the compiled providers that stacks of a target need, by name."""
    return {name: PROVIDERS[name].version for name in (target, "random")}


def official(name: str) -> Path:
    """Where Pulumi keeps the official plugin that a provider's SDK asks for."""
    version = sdk_version(name)
    folder = places.users_pulumi_home() / "plugins" / f"resource-{name}-v{version}"
    return folder / f"pulumi-resource-{name}"


def missing(target: str) -> tuple[str, ...]:
    """The official plugins that stacks of a target need and Pulumi has not installed."""
    return tuple(
        f"{name} {sdk_version(name)}" for name in (target, "random") if not official(name).exists()
    )


def ensure(plugins: Iterable[Plugin], cli: str | Path, report: Report) -> None:
    """Have plugins compiled and installed for the CLI `cli`.

    Those of older versions stay: a stack that was deployed with one is taken down by it. Raises
    AirgapError with the compiler's last lines.
    """
    for plugin in plugins:
        if not plugin.current:
            report(f"compiling plugin {plugin.name} {plugin.version}: minutes, once")
            _install(plugin, cli)
        report(f"plugin {plugin.name} {plugin.version}: compiled, in {plugin.folder}")


def _install(plugin: Plugin, cli: str | Path) -> None:
    with TemporaryDirectory() as scratch:
        plugin.program.build(Path(scratch))
        shutil.rmtree(plugin.folder, ignore_errors=True)
        if plugin.kind == "language":
            # The CLI installs no host of a language that its official releases hold.
            _copy_runner(Path(scratch))
            shutil.copytree(scratch, plugin.folder)
            return
        run(
            cli, "plugin", "install", plugin.kind, plugin.name, plugin.version, "--file", scratch,
            env={"PULUMI_HOME": str(places.own_pulumi_home()), "PULUMI_SKIP_UPDATE_CHECK": "1"},
        )  # fmt: skip


def _copy_runner(folder: Path) -> None:
    module = go.module_folder(toolchain.CLI.module, SDK)
    shutil.copyfile(module / "python" / "cmd" / RUNNER, folder / RUNNER)
    (folder / RUNNER).chmod(0o755)
