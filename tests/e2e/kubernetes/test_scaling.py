"""Either the program or an autoscaler owns the number of pods."""

import yaml

from tests.e2e.kubernetes.stack import NAMESPACE, ClusterStack
from tests.e2e.load import under_load
from tests.e2e.stack import eventually, output_of

BACKEND = "deployment/ai-platform-backend"
SCALED = {"api": {"services": {"backend": {"replicas": {"min": 2, "max": 4}}}}}
REQUESTS = 60_000
"""More requests than the test sends until the autoscaler adds pods."""


def test_an_autoscaler_takes_over_the_count_adds_pods_under_load_and_up_keeps_them(
    stack: ClusterStack, entry: str
) -> None:
    """As in docs/kubernetes.md: another field manager takes the number over first."""

    def count() -> int:
        return int(stack.get(BACKEND)["spec"]["replicas"])

    before = stack.uids()["backend"]
    owned = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "ai-platform-backend", "namespace": NAMESPACE},
        "spec": {"replicas": 2},
    }
    handover = ("apply", "--server-side", "--field-manager=handover", "--filename=-")
    stack.cluster.kubectl(*handover, stdin=yaml.safe_dump(owned))
    result = stack.up(**SCALED)
    assert result.returncode == 0, output_of(result)
    assert count() == 2
    assert stack.uids()["backend"] == before
    autoscaler = stack.get("hpa/ai-platform-backend")["spec"]
    assert (autoscaler["minReplicas"], autoscaler["maxReplicas"]) == (2, 4)

    with under_load(entry, REQUESTS) as load:
        eventually(lambda: count() > 2, 180, 2)
        load.stop()
    assert load.failed == {}
    scaled = count()
    preview = stack.pulumi("preview", "--expect-no-changes", **SCALED)
    assert preview.returncode == 0, output_of(preview)
    result = stack.up(**SCALED)
    assert result.returncode == 0, output_of(result)
    assert count() >= scaled

    # Without the autoscaler the program owns the number again. Until Pulumi has removed it, the
    # autoscaler may set a number once more.
    for options in ((), ("--refresh",)):
        result = stack.pulumi("up", "--yes", "--skip-preview", *options)
        assert result.returncode == 0, output_of(result)
    assert count() == 2
