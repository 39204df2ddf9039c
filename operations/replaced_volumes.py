"""Volumes of the server that an upgrade to another major version has replaced.

They stay on their target with the stack's labels, and the stack's state no longer has them.
"""

import json
import re
import subprocess
from typing import Any

from components.addresses import PROJECT, host_name
from components.data import builtin
from components.settings import Settings
from operations import docker_stack, kubernetes_stack, units
from operations.docker_stack import docker
from operations.upgrade.volumes import KINDS
from operations.workspace import Workspace

_PATH = "/replaced"


def read(workspace: Workspace, settings: Settings) -> dict[str, str]:
    """The size of each, as people read it, by its name on the target."""
    if settings.data.mode == "cloudnative-pg":
        return {}  # the operator's own claims have such names
    # Other objects of a cluster have such names too.
    tracked = {path.rpartition("/")[2] for path in workspace.identifiers(*KINDS)}
    if settings.target == "docker":
        server = f"{PROJECT}-{workspace.name}-{builtin.SERVER.workload}"
        return {
            name: _size(workspace, name, server)
            for name in docker_stack.volumes(workspace.name)
            if _is_servers(name, server) and name not in tracked
        }
    claims = _claims(workspace, settings)
    return {
        name: claim["spec"]["resources"]["requests"]["storage"]
        for name, claim in claims.items()
        if _is_servers(name, host_name(builtin.SERVER.workload)) and name not in tracked
    }


def remove(workspace: Workspace, settings: Settings, name: str) -> None:
    """Remove one with its data, for good."""
    if settings.target == "docker":
        docker("volume", "rm", name)
        return
    kubernetes_stack.core_api(
        settings.kubernetes, workspace
    ).delete_namespaced_persistent_volume_claim(
        name, settings.kubernetes.namespace, _request_timeout=kubernetes_stack.REQUEST_SECONDS
    )


def _is_servers(name: str, first: str) -> bool:
    return re.fullmatch(rf"{re.escape(first)}(-\d+)?", name) is not None


def _size(workspace: Workspace, volume: str, server: str) -> str:
    """As the server's user, who alone may read the data: without capabilities root may not."""
    try:
        described = docker("inspect", "--format={{.Config.Image}} {{.Config.User}}", server)
        image, user = described.split()
        beside = docker_stack.beside(workspace, image=image, user=user, volume=volume, path=_PATH)
        kibibytes = beside.run(["du", "-s", "-k", _PATH]).split()[0]
    except (subprocess.CalledProcessError, ValueError):
        return "size unknown"
    return units.size(int(kibibytes) * 1024)


def _claims(workspace: Workspace, settings: Settings) -> dict[str, dict[str, Any]]:
    answer = kubernetes_stack.core_api(
        settings.kubernetes, workspace
    ).list_namespaced_persistent_volume_claim(
        settings.kubernetes.namespace,
        label_selector=kubernetes_stack.own_objects(workspace),
        _request_timeout=kubernetes_stack.REQUEST_SECONDS,
        _preload_content=False,
    )
    return {claim["metadata"]["name"]: claim for claim in json.loads(answer.data)["items"]}
