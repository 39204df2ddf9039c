"""Taking the stack down keeps its claims with their secrets, unless the user purges them.

The name of this file sorts last, because the stack is gone after its test.
"""

from operations import kubernetes_stack
from operations.down import down
from tests.e2e.cluster.temporary import Cluster
from tests.e2e.kubernetes.stack import NAMESPACE, ClusterStack, temporary_cluster_stack
from tests.e2e.stack import eventually, output_of
from tests.e2e.test_life import OBSERVATION

OURS = "all,secrets,networkpolicies,ingresses"
KEPT = ["alertmanager", "postgres", "prometheus", "redis"]


def test_down_keeps_claims_with_their_secrets_and_a_purge_removes_everything(
    stack: ClusterStack,
) -> None:
    token = stack.token()
    with stack.reach("gateway", 8080, token=token) as web:
        decision = web.post("/api/decisions", json=OBSERVATION).json()
    logins = stack.workspace.outputs(secrets=True)["logins"]
    destroy = stack.pulumi("destroy", "--yes", "--skip-preview")
    assert destroy.returncode != 0
    assert "protect" in output_of(destroy)

    down(stack.workspace, purge=False)
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

    down(stack.workspace, purge=True)
    assert stack.kubectl("get", f"{OURS},persistentvolumeclaims", "--output=name").split() == []
    assert stack.cluster.get("namespace", NAMESPACE)["status"]["phase"] == "Active"


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
        down(stack.workspace, purge=True)
    namespaces = cluster.get("namespaces")["items"]
    assert name not in [namespace["metadata"]["name"] for namespace in namespaces]
