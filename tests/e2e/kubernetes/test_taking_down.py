"""Taking the stack down keeps claims with their secrets, and removes all when asked to by name.

The last file by its name: nothing of the stack is there afterwards.
"""

from operations.down import down
from tests.e2e.kubernetes.stack import NAMESPACE, ClusterStack
from tests.e2e.stack import eventually, output_of
from tests.e2e.test_life import OBSERVATION

KEPT = ["alertmanager", "postgres", "prometheus", "redis"]


def test_down_keeps_claims_with_their_secrets_and_purge_removes_all(stack: ClusterStack) -> None:
    token = stack.token()
    with stack.reach("frontend", 8080, token=token) as web:
        decision = web.post("/api/decisions", json=OBSERVATION).json()
    logins = stack.workspace.outputs(secrets=True)["logins"]
    refused = stack.pulumi("destroy", "--yes", "--skip-preview")
    assert refused.returncode != 0
    assert "protect" in output_of(refused)

    down(stack.workspace, purge=False)
    assert stack.pods() == []
    claims = stack.get("persistentvolumeclaims")["items"]
    assert [each["metadata"]["name"] for each in claims] == [f"ai-platform-{name}" for name in KEPT]
    left = stack.kubectl("get", "all,secrets,networkpolicies,ingresses", "--output=name")
    assert left.split() == []

    result = stack.up()
    assert result.returncode == 0, output_of(result)
    assert stack.workspace.outputs(secrets=True)["logins"] == logins
    with stack.reach("frontend", 8080, token=token) as web:
        again = eventually(lambda: web.get(f"/api/decisions/{decision['id']}"))
        assert again.json() == decision

    down(stack.workspace, purge=True)
    namespaces = stack.cluster.get("namespaces")["items"]
    assert NAMESPACE not in [each["metadata"]["name"] for each in namespaces]
