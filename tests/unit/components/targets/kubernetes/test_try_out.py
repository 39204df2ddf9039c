"""The cluster of `make cluster` is for one stack alone."""

from pathlib import Path

import pulumi
import pytest
import yaml

from cluster.local_cluster import LocalCluster, directory
from components.settings import Kubernetes
from components.targets.kubernetes import guard
from components.targets.kubernetes.cluster import ReachableCluster
from components.targets.kubernetes.last_deployment import LastDeployment

HERE = ReachableCluster(uid="uid-here", server="https://192.0.2.1:6443", client=None)
NEW = LastDeployment()


def test_plain_pulumi_does_not_take_the_try_out_cluster_because_its_context_is_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "find", lambda *_: HERE)
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    guard.cluster(Kubernetes(), NEW)
    kubeconfig = LocalCluster(folder=directory()).kubeconfig
    kubeconfig.parent.mkdir(parents=True)
    kubeconfig.write_text(yaml.safe_dump({"clusters": [{"cluster": {"server": HERE.server}}]}))
    with pytest.raises(pulumi.RunError, match="which is the cluster of make cluster"):
        guard.cluster(Kubernetes(), NEW)
    assert guard.cluster(Kubernetes(context="ai-platform-local"), NEW) is HERE
    monkeypatch.setattr(pulumi, "get_stack", lambda: "local")
    assert guard.cluster(Kubernetes(), NEW) is HERE
    kubeconfig.write_text("clusters: null")
    with pytest.raises(pulumi.RunError, match="not the cluster of make cluster"):
        guard.cluster(Kubernetes(), NEW)
