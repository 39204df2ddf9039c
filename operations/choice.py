"""What this machine uses, decided once and kept in a file.

That is a Docker stack's overlay, or one file for all stacks on clusters.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from airgap import decide, places, plugins
from cluster.local_cluster import LocalCluster
from components.settings import COMPILED, overlay_path
from operations.workspace import ROOT, cluster_directory, machine_file

OVERLAY = """\
# This machine's own choices for the stack `{stack}`, made by `make up` and never by itself again.
# To decide again, remove the file. docs/configuration.md has every key.
"""
MACHINE = """\
# This machine's own choices for stacks on clusters, made once. To decide again, remove the file.
# docs/configuration.md has every key below `plugins`.
"""

Report = Callable[[str], None]
Plugins = Mapping[str, str]
"""The versions of compiled plugins by name; empty where the official ones run."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a Docker stack uses."""

    catalogue: str
    plugins: Plugins


def plugins_for(target: str, stack: str, report: Report) -> Plugins:
    """The plugins that a stack of a target uses, decided now where that was not done before."""
    return for_docker(stack, report).plugins if target == "docker" else for_clusters(report)


def for_docker(stack: str, report: Report) -> Choices:
    """What the stack's overlay file says; what it leaves open is decided now and written there."""
    overlay = overlay_path(ROOT, stack)
    chosen = _read(overlay)
    catalogue = (chosen.get("images") or {}).get("catalogue")
    undecided = _undecided(chosen)
    if catalogue is None or undecided:
        decision = decide.decide(plugins.missing("docker"))
        for reason in decision.reasons:
            report(reason)
        made: dict[str, Any] = {}
        if catalogue is None:
            made["images"] = {"catalogue": decision.catalogue}
        if undecided:
            made["plugins"] = _versions(decision.plugins, "docker")
        _write(overlay, OVERLAY.format(stack=stack), decision.reasons, made)
    compiled = _present(overlay, "docker", report)
    catalogue = _read(overlay)["images"]["catalogue"]
    report(f"image catalogue: {catalogue} ({overlay.name})")
    return Choices(catalogue=catalogue, plugins=compiled)


def for_clusters(report: Report) -> Plugins:
    """The plugins that every stack on a cluster uses on this machine."""
    path = machine_file()
    if _undecided(_read(path)):
        source, reason = decide.decide_plugins(plugins.missing("kubernetes"))
        report(reason)
        versions: dict[str, Any] = _versions(source, "kubernetes")
        if versions:
            versions["contexts"] = [LocalCluster(folder=cluster_directory()).name]
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, MACHINE, (reason,), {"plugins": versions})
    return _present(path, "kubernetes", report)


def _undecided(chosen: Mapping[str, Any]) -> bool:
    """Whether nothing was said about plugins, or that they are official on a machine that compiles
    them now, for stacks of the other target: it has one home for plugins."""
    return "plugins" not in chosen or (not _compiled(chosen) and places.own_pulumi_home().exists())


def _compiled(chosen: Mapping[str, Any]) -> dict[str, str]:
    versions: dict[str, Any] = chosen["plugins"] or {}
    return {name: each for name, each in versions.items() if str(each).endswith(COMPILED)}


def _versions(source: decide.Source, target: str) -> dict[str, str]:
    return plugins.wanted(target) if source == "compiled" else {}


def _present(path: Path, target: str, report: Report) -> dict[str, str]:
    """The compiled plugins that a file names, brought to the versions that this tree compiles."""
    compiled = _compiled(_read(path))
    wanted = {name: plugins.wanted(target).get(name, compiled[name]) for name in compiled}
    for name, version in compiled.items():
        if wanted[name] != version:
            report(f"plugin {name} {version}: {wanted[name]} from now on ({path.name})")
    if wanted != compiled:
        text = path.read_text()
        for name, version in compiled.items():
            before = rf"({name}['\"]?\s*:\s*['\"]?){re.escape(version)}"
            text = re.sub(before, rf"\g<1>{wanted[name]}", text)
        path.write_text(text)
    return wanted


def _write(path: Path, head: str, reasons: tuple[str, ...], made: Mapping[str, Any]) -> None:
    """Add what was decided to a file; its own text stays as it is written there where it can."""
    written = path.read_text() if path.exists() else ""
    plain = _read(path)
    comments = head + "".join(f"# {reason}\n" for reason in reasons)
    if plain.keys() & made.keys():
        merged = {**plain, **{key: {**(plain.get(key) or {}), **made[key]} for key in made}}
        path.write_text(comments + yaml.safe_dump(merged, sort_keys=False))
    else:
        path.write_text(comments + yaml.safe_dump(dict(made), sort_keys=False) + written)


def _read(path: Path) -> dict[str, Any]:
    return (yaml.safe_load(path.read_text()) or {}) if path.exists() else {}
