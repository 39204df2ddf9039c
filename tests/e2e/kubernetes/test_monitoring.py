"""Prometheus finds every pod with the cluster's DNS, and evaluates every rule."""

from components.probe import PROBES
from tests.e2e.kubernetes.stack import ClusterStack
from tests.e2e.stack import eventually
from tests.e2e.test_monitoring import JOBS

SPACE = 'platform:volume:percent{resource="space"}'


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
            complete = set(jobs) == expected | {PROBES} and expected >= JOBS
            return both and complete and len(jobs) == len(targets)

        def measured() -> bool:
            """Every route is probed with success, and every kept volume is measured.

            A Prometheus that was replaced answers five minutes longer about what an earlier test's
            stack had.
            """
            values = {}
            for name, label in (("probe_success", "instance"), (SPACE, "volume")):
                answer = prometheus.get("/api/v1/query", params={"query": name}).json()
                series = answer["data"]["result"]
                values[name] = {
                    entry["metric"][label]: float(entry["value"][1]) for entry in series
                }
            volumes = values[SPACE]
            return (
                values["probe_success"].items() >= {"/": 1, "/api/status": 1, "/api/": 1}.items()
                and volumes.keys() >= {"postgres", "backup", "redis", "prometheus", "alertmanager"}
                and all(0 < percent < 100 for percent in volumes.values())
            )

        def evaluated() -> bool:
            groups = prometheus.get("/api/v1/rules").json()["data"]["groups"]
            loaded = [rule for group in groups for rule in group["rules"]]
            return len(loaded) >= len(JOBS) and all(rule["health"] == "ok" for rule in loaded)

        eventually(up, within=90)
        eventually(evaluated, within=90)
        eventually(measured, within=90)
