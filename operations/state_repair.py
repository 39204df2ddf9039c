"""Repair a stack's state that this machine's plugins cannot process.

Earlier versions of this project built images with `docker.Image`, so a state may contain
resources of that type. The compiled docker plugin does not support the type: a refresh, an update
or a removal of such a resource fails. `pulumi state delete` rejects a resource that others depend
on, or deletes the dependent resources as well, which are containers.

A state also names the versions of its provider plugins. A machine that compiles plugins may not
have those versions. Where a state names no version, Pulumi uses the installed plugin.

A killed update leaves the operations that it had begun in the state. Pulumi warns about those that
create something in every later run, and only a refresh that asks a person ends them.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

IMAGE_TYPE = "docker:index/image:Image"
_PROVIDERS = "pulumi:providers:"


def images(exported: Mapping[str, Any]) -> list[str]:
    """The names of the `docker.Image` resources in an exported state."""
    return sorted(urn.split("::", 3)[3] for urn in _urns(exported))


def absent_plugins(exported: Mapping[str, Any], folder: Path) -> list[str]:
    """The provider plugins that the state names and `folder` lacks, such as `docker 5.1.0`."""
    resources = (exported.get("deployment") or {}).get("resources") or []
    named = {
        (resource["type"].removeprefix(_PROVIDERS), (resource.get("inputs") or {}).get("version"))
        for resource in resources
        if resource.get("type", "").startswith(_PROVIDERS)
    }
    return sorted(
        f"{name} {version}"
        for name, version in named
        if version and not list(folder.glob(f"resource-{name}-v{version.partition('+')[0]}*"))
    )


def unfinished(exported: Mapping[str, Any]) -> dict[str, str]:
    """What a killed update was about to do, such as `creating`, by the name of the resource."""
    pending = (exported.get("deployment") or {}).get("pending_operations") or []
    return {
        operation["resource"]["urn"].rpartition("::")[2]: operation["type"] for operation in pending
    }


def without_unfinished(exported: Mapping[str, Any]) -> dict[str, Any]:
    """The exported state without operations that were begun.

    The next update compares what exists with the program, and begins them again.
    """
    return {**exported, "deployment": {**exported["deployment"], "pending_operations": []}}


def repaired(exported: Mapping[str, Any]) -> dict[str, Any]:
    """The exported state without image resources, references to them and plugin versions."""
    deployment = dict(exported["deployment"])
    deployment["resources"] = [
        _without_version(resource)
        for resource in without(exported, _urns(exported))["deployment"]["resources"]
    ]
    pending = deployment.get("pending_operations") or []
    deployment["pending_operations"] = [
        operation for operation in pending if operation["resource"]["type"] != IMAGE_TYPE
    ]
    return {**exported, "deployment": deployment}


def without(exported: Mapping[str, Any], urns: set[str]) -> dict[str, Any]:
    """The exported state without these resources and the references to them."""
    resources = [
        _without_references(resource, urns)
        for resource in exported["deployment"]["resources"]
        if resource["urn"] not in urns
    ]
    return {**exported, "deployment": {**exported["deployment"], "resources": resources}}


def _urns(exported: Mapping[str, Any]) -> set[str]:
    resources = (exported.get("deployment") or {}).get("resources") or []
    return {resource["urn"] for resource in resources if resource.get("type") == IMAGE_TYPE}


def _without_references(resource: Mapping[str, Any], urns: set[str]) -> dict[str, Any]:
    repaired = dict(resource)
    if "dependencies" in repaired:
        repaired["dependencies"] = [urn for urn in repaired["dependencies"] if urn not in urns]
    if "propertyDependencies" in repaired:
        repaired["propertyDependencies"] = {
            key: [urn for urn in dependencies or [] if urn not in urns]
            for key, dependencies in repaired["propertyDependencies"].items()
        }
    return repaired


def _without_version(resource: Mapping[str, Any]) -> dict[str, Any]:
    repaired = dict(resource)
    if repaired["type"].startswith(_PROVIDERS):
        for key in {"inputs", "outputs"} & repaired.keys():
            repaired[key] = {
                name: value for name, value in repaired[key].items() if name != "version"
            }
    return repaired
