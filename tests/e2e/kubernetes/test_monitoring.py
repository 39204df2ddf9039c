"""Prometheus finds every pod with the cluster's DNS, and evaluates every rule."""

from tests.e2e.kubernetes.stack import ClusterStack
from tests.e2e.stack import eventually
from tests.e2e.test_monitoring import JOBS


def test_every_pod_with_metrics_is_a_target_and_every_rule_is_evaluated(
    stack: ClusterStack,
) -> None:
    with stack.reach("prometheus", 9090) as prometheus:

        def up() -> bool:
            targets = prometheus.get("/api/v1/targets").json()["data"]["activeTargets"]
            jobs = [target["labels"]["job"] for target in targets if target["health"] == "up"]
            both = jobs.count("ai-platform-backend") == jobs.count("ai-platform-frontend") == 2
            query = {"query": "platform:replicas:expected"}
            series = prometheus.get("/api/v1/query", params=query).json()["data"]["result"]
            expected = {entry["metric"]["job"] for entry in series}
            return both and set(jobs) == expected >= JOBS and len(jobs) == len(targets)

        def evaluated() -> bool:
            groups = prometheus.get("/api/v1/rules").json()["data"]["groups"]
            loaded = [rule for group in groups for rule in group["rules"]]
            return len(loaded) >= len(JOBS) and all(rule["health"] == "ok" for rule in loaded)

        eventually(up, within=90)
        eventually(evaluated, within=90)
