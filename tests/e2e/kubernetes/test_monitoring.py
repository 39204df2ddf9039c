"""Prometheus finds every pod by the cluster's own DNS, and every rule evaluates."""

from tests.e2e.kubernetes.stack import ClusterStack
from tests.e2e.stack import eventually
from tests.e2e.test_monitoring import JOBS


def test_every_pod_that_has_figures_is_a_target_of_its_own_and_every_rule_evaluates(
    stack: ClusterStack,
) -> None:
    with stack.reach("prometheus", 9090) as prometheus:

        def up() -> bool:
            targets = prometheus.get("/api/v1/targets").json()["data"]["activeTargets"]
            jobs = [target["labels"]["job"] for target in targets if target["health"] == "up"]
            both = jobs.count("ai-platform-backend") == jobs.count("ai-platform-frontend") == 2
            return both and set(jobs) == JOBS and len(jobs) == len(targets)

        def evaluated() -> bool:
            groups = prometheus.get("/api/v1/rules").json()["data"]["groups"]
            loaded = [rule for group in groups for rule in group["rules"]]
            return len(loaded) >= len(JOBS) and all(rule["health"] == "ok" for rule in loaded)

        eventually(up, within=90)
        eventually(evaluated, within=90)
