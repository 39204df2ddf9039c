"""The file that says where the cluster is."""

import stat
from pathlib import Path
from typing import Any

import yaml

from cluster import kubeconfig
from cluster.local_cluster import LocalCluster

FOUND: dict[str, Any] = {
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


def test_everything_in_it_has_the_clusters_name() -> None:
    assert kubeconfig.named(FOUND, "local", "https://127.0.0.1:7443") == {
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


def test_without_another_address_it_keeps_its_own() -> None:
    (cluster,) = kubeconfig.named(FOUND, "local")["clusters"]
    assert cluster["cluster"] == FOUND["clusters"][0]["cluster"]


def test_only_its_owner_reads_it_whoever_could_before(tmp_path: Path) -> None:
    local = LocalCluster(folder=tmp_path / "cluster")
    local.folder.mkdir()
    local.kubeconfig.touch(mode=0o644)
    kubeconfig.write(local, FOUND)
    assert stat.S_IMODE(local.kubeconfig.stat().st_mode) == 0o600
    assert yaml.safe_load(local.kubeconfig.read_text()) == FOUND
