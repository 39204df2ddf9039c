"""The kubeconfig of the cluster: its address and the administrator's credentials."""

from collections.abc import Mapping
from typing import Any

import yaml

from cluster.local_cluster import LocalCluster


def write(cluster: LocalCluster, config: Mapping[str, Any]) -> None:
    """Write the file, readable by its owner only."""
    cluster.folder.mkdir(parents=True, exist_ok=True)
    cluster.kubeconfig.unlink(missing_ok=True)
    cluster.kubeconfig.touch(mode=0o600)
    cluster.kubeconfig.write_text(yaml.safe_dump(dict(config), sort_keys=False))


def renamed(config: Mapping[str, Any], name: str, server: str | None = None) -> dict[str, Any]:
    """A kubeconfig whose only cluster, user and context have one name, with another address."""
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
