"""The file that tells a client where the cluster is and who may use it."""

from collections.abc import Mapping
from typing import Any

import yaml

from cluster.local_cluster import LocalCluster


def write(local: LocalCluster, config: Mapping[str, Any]) -> None:
    """Write the file, for its owner only."""
    local.folder.mkdir(parents=True, exist_ok=True)
    local.kubeconfig.unlink(missing_ok=True)
    local.kubeconfig.touch(mode=0o600)
    local.kubeconfig.write_text(yaml.safe_dump(dict(config), sort_keys=False))


def named(config: Mapping[str, Any], name: str, server: str | None = None) -> dict[str, Any]:
    """The only cluster, user and context of a kubeconfig under one name, at this address."""
    (cluster,), (user,), _ = config["clusters"], config["users"], config["contexts"]
    address = {"server": server} if server else {}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": {**cluster["cluster"], **address}}],
        "users": [{"name": name, "user": user["user"]}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
    }
