"""What the provider's configuration says."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any, Final

from airgap.plugins.checks import Failure
from airgap.plugins.values import Properties

CONFIG: Final = frozenset(
    {
        "kubeconfig",
        "context",
        "cluster",
        "clusterIdentifier",
        "namespace",
        "enableServerSideApply",
        "enablePatchForce",
        "enableSecretMutable",
        "enableConfigMapMutable",
        "suppressDeprecationWarnings",
        "suppressHelmHookWarnings",
        "deleteUnreachable",
    }
)
VARIABLES: Final = {
    "enableServerSideApply": "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY",
    "enablePatchForce": "PULUMI_K8S_ENABLE_PATCH_FORCE",
    "enableSecretMutable": "PULUMI_K8S_ENABLE_SECRET_MUTABLE",
    "enableConfigMapMutable": "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE",
    "deleteUnreachable": "PULUMI_K8S_DELETE_UNREACHABLE",
}
"""Where a flag is looked for that the configuration leaves out, as officially."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """`kubeconfig` is a path or the content of a kubeconfig; empty texts are what is left out."""

    kubeconfig: str = ""
    context: str = ""
    cluster: str = ""
    namespace: str = ""
    patch_force: bool = False
    secret_mutable: bool = False
    config_map_mutable: bool = False
    delete_unreachable: bool = False


def read(given: Properties) -> Settings:
    """The settings as the engine hands them over: texts, and flags written as texts."""
    kubeconfig = given.get("kubeconfig") or ""
    return Settings(
        kubeconfig=kubeconfig if isinstance(kubeconfig, str) else json.dumps(kubeconfig),
        context=given.get("context") or "",
        cluster=given.get("cluster") or "",
        namespace=given.get("namespace") or "",
        patch_force=flag(given, "enablePatchForce"),
        secret_mutable=flag(given, "enableSecretMutable"),
        config_map_mutable=flag(given, "enableConfigMapMutable"),
        delete_unreachable=flag(given, "deleteUnreachable"),
    )


def refused(given: Properties) -> list[Failure]:
    """Values that this stand-in cannot honour."""
    if flag(given, "enableServerSideApply", default=True):
        return []
    return [Failure("enableServerSideApply", "this stand-in always applies on the server's side")]


def flag(given: Properties, name: str, default: bool = False) -> bool:
    value: Any = given.get(name)
    if value is None:
        value = os.environ.get(VARIABLES[name])
    return default if value is None else value in (True, "true")
