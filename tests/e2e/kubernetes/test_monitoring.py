"""Prometheus finds every pod by the cluster's own DNS, and every rule evaluates."""

from typing import Any

from tests.e2e.kubernetes.stack import ClusterStack
from tests.e2e.stack import eventually
from tests.e2e.test_monitoring import JOBS


def ask(stack: ClusterStack, path: str) -> Any:
    with stack.reach("prometheus", 9090) as prometheus:
        return prometheus.get(f"/api/v1/{path}").json()["data"]


def test_every_pod_that_has_figures_is_a_target_of_its_own_and_up(running: ClusterStack) -> None:
    def up() -> bool:
        targets = ask(running, "targets")["activeTargets"]
        jobs = [target["labels"]["job"] for target in targets if target["health"] == "up"]
        both = jobs.count("ai-platform-backend") == jobs.count("ai-platform-frontend") == 2
        return both and set(jobs) == JOBS and len(jobs) == len(targets)

    eventually(up, within=90, every=3)


def test_every_rule_is_loaded_and_evaluates(running: ClusterStack) -> None:
    def evaluated() -> bool:
        groups = ask(running, "rules")["groups"]
        loaded = [rule for group in groups for rule in group["rules"]]
        return len(loaded) >= len(JOBS) and all(rule["health"] == "ok" for rule in loaded)

    eventually(evaluated, within=90, every=3)
