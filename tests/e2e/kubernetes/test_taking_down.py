"""Taking the stack down keeps claims with their secrets, and removes all when asked to by name.

The last file by its name: nothing of the stack is there afterwards.
"""

from operations.down import down
from tests.e2e.kubernetes.stack import NAMESPACE, ClusterStack
from tests.e2e.stack import eventually, said
from tests.e2e.test_life import OBSERVATION

KEPT = ["alertmanager", "postgres", "prometheus", "redis"]


def test_down_keeps_claims_with_their_secrets_and_purge_removes_all(running: ClusterStack) -> None:
    token = running.token()
    with running.reach("frontend", 8080, token=token) as web:
        decision = web.post("/api/decisions", json=OBSERVATION).json()
    logins = running.workspace.outputs(secrets=True)["logins"]
    refused = running.pulumi("destroy", "--yes", "--skip-preview")
    assert refused.returncode != 0
    assert "protect" in said(refused)

    down(running.workspace, purge=False)
    assert running.pods() == []
    claims = running.get("persistentvolumeclaims")["items"]
    assert [each["metadata"]["name"] for each in claims] == [f"ai-platform-{name}" for name in KEPT]
    left = running.kubectl("get", "all,secrets,networkpolicies,ingresses", "--output=name")
    assert left.split() == []

    result = running.up()
    assert result.returncode == 0, said(result)
    assert running.workspace.outputs(secrets=True)["logins"] == logins
    with running.reach("frontend", 8080, token=token) as web:
        again = eventually(lambda: web.get(f"/api/decisions/{decision['id']}"))
        assert again.json() == decision

    down(running.workspace, purge=True)
    namespaces = running.cluster.get("namespaces")["items"]
    assert NAMESPACE not in [each["metadata"]["name"] for each in namespaces]
