"""The kubeconfig of the cluster."""

import stat
from pathlib import Path
from typing import Any

import yaml

from cluster import kubeconfig
from cluster.local_cluster import LocalCluster

ADMIN_CONFIG: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Config",
    "preferences": {},
    "current-context": "kubernetes-super-admin@try",
    "clusters": [
        {
            "name": "try",
            "cluster": {
                "certificate-authority-data": "Y2E=",
                "server": "https://127.0.0.1:6443",
            },
        }
    ],
    "users": [{"name": "kubernetes-super-admin", "user": {"client-key-data": "a2V5"}}],
    "contexts": [
        {
            "name": "kubernetes-super-admin@try",
            "context": {"cluster": "try", "user": "kubernetes-super-admin"},
        }
    ],
}


def test_its_cluster_user_and_context_get_the_clusters_name() -> None:
    assert kubeconfig.renamed(ADMIN_CONFIG, "local", "https://127.0.0.1:7443") == {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "local",
        "clusters": [
            {
                "name": "local",
                "cluster": {
                    "certificate-authority-data": "Y2E=",
                    "server": "https://127.0.0.1:7443",
                },
            }
        ],
        "users": [{"name": "local", "user": {"client-key-data": "a2V5"}}],
        "contexts": [{"name": "local", "context": {"cluster": "local", "user": "local"}}],
    }


def test_without_another_address_the_server_stays() -> None:
    (entry,) = kubeconfig.renamed(ADMIN_CONFIG, "local")["clusters"]
    assert entry["cluster"] == ADMIN_CONFIG["clusters"][0]["cluster"]


def test_only_its_owner_can_read_a_file_that_replaces_a_readable_one(tmp_path: Path) -> None:
    cluster = LocalCluster(folder=tmp_path / "cluster")
    cluster.folder.mkdir()
    cluster.kubeconfig.touch(mode=0o644)
    kubeconfig.write(cluster, ADMIN_CONFIG)
    assert stat.S_IMODE(cluster.kubeconfig.stat().st_mode) == 0o600
    assert yaml.safe_load(cluster.kubeconfig.read_text()) == ADMIN_CONFIG
