"""The choices of this machine: made once and kept in a file.

The file is the overlay file of a Docker stack, or one file for all stacks on clusters.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from airgap import directories, plugins, sources
from airgap.report import Report
from airgap.sources import Source
from cluster.local_cluster import LocalCluster, directory
from components.settings import COMPILED, overlay_path
from operations.workspace import ROOT, machine_file

OVERLAY_HEADER = """\
# The choices of this machine for the stack `{stack}`. `make up` wrote them once and keeps them.
# Remove this file to choose again. docs/configuration.md describes every key.
"""
MACHINE_HEADER = """\
# The choices of this machine for stacks on clusters, written once. Remove this file to choose
# again. docs/configuration.md describes every key of `plugins`.
"""

PluginVersions = Mapping[str, str]
"""The versions of compiled plugins by name; empty where the stack uses the official plugins."""


@dataclass(frozen=True, kw_only=True)
class DockerChoices:
    """What a Docker stack uses."""

    catalogue: str
    plugins: PluginVersions


def plugins_for(target: str, stack: str, report: Report) -> PluginVersions:
    """The plugins that a stack of a target uses; this function chooses where no choice exists."""
    return for_docker(stack, report).plugins if target == "docker" else for_clusters(report)


def for_docker(stack: str, report: Report) -> DockerChoices:
    """The choices in the stack's overlay file. Missing choices are made now and written there."""
    overlay = overlay_path(ROOT, stack)
    choices = _read(overlay)
    needs_catalogue = (choices.get("images") or {}).get("catalogue") is None
    needs_plugins = _needs_plugins(choices)
    if needs_catalogue or needs_plugins:
        decision = sources.decide(plugins.missing("docker"))
        for reason in decision.reasons:
            report(reason)
        additions: dict[str, Any] = {}
        if needs_catalogue:
            additions["images"] = {"catalogue": decision.catalogue}
        if needs_plugins:
            additions["plugins"] = _versions(decision.plugins, "docker")
        _write(overlay, OVERLAY_HEADER.format(stack=stack), decision.reasons, additions)
    compiled = _updated_plugins(overlay, "docker", report)
    catalogue = _read(overlay)["images"]["catalogue"]
    report(f"image catalogue: {catalogue} ({overlay.name})")
    return DockerChoices(catalogue=catalogue, plugins=compiled)


def for_clusters(report: Report) -> PluginVersions:
    """The plugins that every stack on a cluster uses on this machine."""
    path = machine_file()
    if _needs_plugins(_read(path)):
        source, reason = sources.decide_plugins(plugins.missing("kubernetes"))
        report(reason)
        versions: dict[str, Any] = _versions(source, "kubernetes")
        if versions:
            versions["contexts"] = [LocalCluster(folder=directory()).name]
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, MACHINE_HEADER, (reason,), {"plugins": versions})
    return _updated_plugins(path, "kubernetes", report)


def _needs_plugins(choices: Mapping[str, Any]) -> bool:
    """Whether the choice of plugins is missing or outdated.

    The choice of official plugins is outdated on a machine that has since compiled plugins for the
    other target, because all stacks of a machine share one PULUMI_HOME.
    """
    if "plugins" not in choices:
        return True
    return not _compiled(choices) and directories.own_pulumi_home().exists()


def _compiled(choices: Mapping[str, Any]) -> dict[str, str]:
    versions: dict[str, Any] = choices["plugins"] or {}
    return {name: value for name, value in versions.items() if str(value).endswith(COMPILED)}


def _versions(source: Source, target: str) -> dict[str, str]:
    return plugins.required(target) if source == "compiled" else {}


def _updated_plugins(path: Path, target: str, report: Report) -> dict[str, str]:
    """The compiled plugins that a file names, with the versions that this tree compiles.

    The file gets the new versions.
    """
    current = _compiled(_read(path))
    required = plugins.required(target)
    updated = {name: required.get(name, version) for name, version in current.items()}
    for name, version in current.items():
        if updated[name] != version:
            report(f"plugin {name} {version}: replaced by {updated[name]} ({path.name})")
    if updated != current:
        text = path.read_text()
        for name, version in current.items():
            pattern = rf"({name}['\"]?\s*:\s*['\"]?){re.escape(version)}"
            text = re.sub(pattern, rf"\g<1>{updated[name]}", text)
        path.write_text(text)
    return updated


def _write(path: Path, header: str, reasons: tuple[str, ...], additions: Mapping[str, Any]) -> None:
    """Add choices to a file. Its own text stays, unless a key of it needs a merge."""
    text = path.read_text() if path.exists() else ""
    choices = _read(path)
    comments = header + "".join(f"# {reason}\n" for reason in reasons)
    if choices.keys() & additions.keys():
        merged = choices | {
            key: (choices.get(key) or {}) | addition for key, addition in additions.items()
        }
        path.write_text(comments + yaml.safe_dump(merged, sort_keys=False))
    else:
        path.write_text(comments + yaml.safe_dump(dict(additions), sort_keys=False) + text)


def _read(path: Path) -> dict[str, Any]:
    return (yaml.safe_load(path.read_text()) or {}) if path.exists() else {}
