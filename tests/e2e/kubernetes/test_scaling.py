"""Who owns the number of pods: the program, or an autoscaler."""

import yaml

from tests.e2e.kubernetes.stack import NAMESPACE, ClusterStack
from tests.e2e.load import under_load
from tests.e2e.stack import eventually, said

BACKEND = "deployment/ai-platform-backend"
SCALED = {"api": {"services": {"backend": {"replicas": {"min": 2, "max": 4}}}}}
REQUESTS = 60_000
"""More than are sent until there are enough pods."""


def test_an_autoscaler_takes_a_count_over_adds_pods_under_load_and_up_leaves_them(
    running: ClusterStack, entry: str
) -> None:
    """As docs/kubernetes.md says: somebody else owns the number before the program lets it go."""

    def count() -> int:
        return int(running.get(BACKEND)["spec"]["replicas"])

    before = running.uids()["backend"]
    owned = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "ai-platform-backend", "namespace": NAMESPACE},
        "spec": {"replicas": 2},
    }
    handover = ("apply", "--server-side", "--field-manager=handover", "--filename=-")
    running.cluster.kubectl(*handover, given=yaml.safe_dump(owned))
    result = running.up(**SCALED)
    assert result.returncode == 0, said(result)
    assert count() == 2
    assert running.uids()["backend"] == before
    autoscaler = running.get("hpa/ai-platform-backend")["spec"]
    assert (autoscaler["minReplicas"], autoscaler["maxReplicas"]) == (2, 4)

    with under_load(entry, REQUESTS) as load:
        eventually(lambda: count() > 2, 180, 2)
        load.stop()
    assert load.failed == {}
    scaled = count()
    preview = running.pulumi("preview", "--expect-no-changes", **SCALED)
    assert preview.returncode == 0, said(preview)
    again = running.up(**SCALED)
    assert again.returncode == 0, said(again)
    assert count() >= scaled

    # A number takes the field again.
    back = running.up()
    assert back.returncode == 0, said(back)
    assert count() == 2
