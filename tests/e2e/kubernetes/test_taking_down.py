"""Taking the stack down keeps its claims with their secrets, unless the user purges them.

The name of this file sorts last, because the stack is gone after its test.
"""

from operations.down import down
from tests.e2e.kubernetes.stack import NAMESPACE, ClusterStack
from tests.e2e.stack import eventually, output_of
from tests.e2e.test_life import OBSERVATION

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
    remaining = stack.kubectl("get", "all,secrets,networkpolicies,ingresses", "--output=name")
    assert remaining.split() == []

    result = stack.up()
    assert result.returncode == 0, output_of(result)
    assert stack.workspace.outputs(secrets=True)["logins"] == logins
    with stack.reach("gateway", 8080, token=token) as web:
        answer = eventually(lambda: web.get(f"/api/decisions/{decision['id']}"))
        assert answer.json() == decision

    down(stack.workspace, purge=True)
    namespaces = stack.cluster.get("namespaces")["items"]
    assert NAMESPACE not in [namespace["metadata"]["name"] for namespace in namespaces]
