"""Taking the stack down keeps its claims with their secrets, unless the user purges them.

The name of this file sorts last, because the stack is gone after its test.
"""

import json
import os
import re
import signal

import click
import pytest

from operations import kept, kubernetes_stack
from operations.down import down
from operations.purge import purge
from tests.e2e.cluster.temporary import Cluster
from tests.e2e.kubernetes.stack import NAMESPACE, ClusterStack, temporary_cluster_stack
from tests.e2e.stack import eventually, output_of
from tests.e2e.test_life import OBSERVATION

OURS = "all,secrets,networkpolicies,ingresses"
KEPT = ["alertmanager", "backup", "postgres", "prometheus", "redis"]


def test_down_keeps_claims_with_their_secrets_and_a_purge_removes_everything(
    stack: ClusterStack, capsys: pytest.CaptureFixture[str]
) -> None:
    token = stack.token()
    with stack.reach("gateway", 8080, token=token) as web:
        decision = web.post("/api/decisions", json=OBSERVATION).json()
    logins = stack.workspace.outputs(secrets=True)["logins"]
    before = stack.uids()
    with pytest.raises(click.UsageError, match="YES=1"):
        down(stack.workspace)
    assert stack.uids() == before
    destroy = stack.pulumi("destroy", "--yes", "--skip-preview")
    assert destroy.returncode != 0
    assert "protect" in output_of(destroy)

    down(stack.workspace, yes=True)
    assert stack.pods() == []
    claims = stack.get("persistentvolumeclaims")["items"]
    assert [claim["metadata"]["name"] for claim in claims] == [
        f"ai-platform-{name}" for name in KEPT
    ]
    remaining = stack.kubectl("get", OURS, "--output=name")
    assert remaining.split() == []
    assert kubernetes_stack.own_cluster(stack.workspace) == stack.cluster.uid()

    result = stack.up()
    assert result.returncode == 0, output_of(result)
    assert stack.workspace.outputs(secrets=True)["logins"] == logins
    with stack.reach("gateway", 8080, token=token) as web:
        answer = eventually(lambda: web.get(f"/api/decisions/{decision['id']}"))
        assert answer.json() == decision

    before = stack.uids()
    with pytest.raises(click.ClickException, match="Nothing was changed"):
        purge(stack.workspace, confirmed="prod")
    shown = capsys.readouterr().out
    assert re.search(r"ai-platform-postgres +[\d.]+ MB of 1Gi +the databases", shown), shown
    assert "Databases: platform (" in shown
    assert stack.uids() == before
    _kill_a_purge(stack)
    purge(stack.workspace, confirmed=stack.name)
    assert stack.kubectl("get", f"{OURS},persistentvolumeclaims", "--output=name").split() == []
    assert stack.cluster.get("namespace", NAMESPACE)["status"]["phase"] == "Active"


def _kill_a_purge(stack: ClusterStack) -> None:
    """Kill everything of a purge while the cluster cannot remove the claim of the databases."""
    claim = "ai-platform-postgres"
    _finalizers(stack, claim, ["e2e/held"])
    try:
        process = stack.start_purge()
        eventually(lambda: _claims(stack) == [claim], 180, 0.5)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    finally:
        _finalizers(stack, claim, [])
    protected = {item.name for item in kept.kept(stack.workspace)}
    assert protected >= {claim, "postgres-password", "api-token"}
    assert kubernetes_stack.own_cluster(stack.workspace) == stack.cluster.uid()


def _finalizers(stack: ClusterStack, claim: str, names: list[str]) -> None:
    patch = json.dumps({"metadata": {"finalizers": names}})
    stack.kubectl("patch", f"persistentvolumeclaim/{claim}", "--type=merge", f"--patch={patch}")


def _claims(stack: ClusterStack) -> list[str]:
    return [item["metadata"]["name"] for item in stack.get("persistentvolumeclaims")["items"]]


def test_a_stack_that_creates_its_namespace_restricts_and_removes_it(cluster: Cluster) -> None:
    """With an administrator's login, and with --target, which the first `up` of a stack needs that
    uses the cluster's Secrets."""
    name = "ai-platform-e2e-created"
    with temporary_cluster_stack("e2e-created", cluster) as stack:
        stack.workspace = stack.with_kubeconfig(cluster.local_cluster.kubeconfig)
        own = {"kubernetes": {"namespace": name, "create_namespace": True, "cluster": None}}
        target = "**kubernetes:core/v1:Namespace::**"
        up = stack.pulumi("up", "--yes", "--skip-preview", "--target", target, **own)
        assert up.returncode == 0, output_of(up)
        labels = cluster.get("namespace", name)["metadata"]["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
        assert kubernetes_stack.own_cluster(stack.workspace) == cluster.uid()
        purge(stack.workspace, confirmed=stack.name)
    namespaces = cluster.get("namespaces")["items"]
    assert name not in [namespace["metadata"]["name"] for namespace in namespaces]
