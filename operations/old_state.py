"""A stack's state that this machine's plugins cannot work with, and how it is mended.

While images were built by `docker.Image`, a state held entries of that type. The compiled docker
plugin does not know it, so that a refresh, an update or a removal of such an entry fails.
`pulumi state delete` refuses an entry that others depend on, or deletes those too: the containers.

A state also names the versions of its provider plugins. A machine that compiles plugins may never
have had them; without a version Pulumi takes the one that is there.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

TYPE = "docker:index/image:Image"
_PROVIDERS = "pulumi:providers:"


def images(exported: Mapping[str, Any]) -> list[str]:
    """The names of the entries of that type in an exported state."""
    return sorted(urn.split("::", 3)[3] for urn in _urns(exported))


def absent_plugins(exported: Mapping[str, Any], folder: Path) -> list[str]:
    """The provider plugins, as `docker 5.1.0`, that the state asks for and `folder` lacks."""
    resources = (exported.get("deployment") or {}).get("resources") or []
    asked = {
        (each["type"].removeprefix(_PROVIDERS), (each.get("inputs") or {}).get("version"))
        for each in resources
        if each.get("type", "").startswith(_PROVIDERS)
    }
    return sorted(
        f"{name} {version}"
        for name, version in asked
        if version and not list(folder.glob(f"resource-{name}-v{version.partition('+')[0]}*"))
    )


def mended(exported: Mapping[str, Any]) -> dict[str, Any]:
    """The exported state without these entries and references to them, and without versions."""
    deployment = dict(exported["deployment"])
    urns = _urns(exported)
    deployment["resources"] = [
        _mended(each, urns) for each in deployment["resources"] if each["urn"] not in urns
    ]
    pending = deployment.get("pending_operations") or []
    deployment["pending_operations"] = [
        each for each in pending if each["resource"]["type"] != TYPE
    ]
    return {**exported, "deployment": deployment}


def _urns(exported: Mapping[str, Any]) -> set[str]:
    resources = (exported.get("deployment") or {}).get("resources") or []
    return {each["urn"] for each in resources if each.get("type") == TYPE}


def _mended(resource: Mapping[str, Any], urns: set[str]) -> dict[str, Any]:
    mended = dict(resource)
    if "dependencies" in mended:
        mended["dependencies"] = [urn for urn in mended["dependencies"] if urn not in urns]
    if "propertyDependencies" in mended:
        mended["propertyDependencies"] = {
            key: [urn for urn in each or [] if urn not in urns]
            for key, each in mended["propertyDependencies"].items()
        }
    if mended["type"].startswith(_PROVIDERS):
        for key in {"inputs", "outputs"} & mended.keys():
            mended[key] = {name: each for name, each in mended[key].items() if name != "version"}
    return mended
