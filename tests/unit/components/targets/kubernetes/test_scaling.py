"""How many pods run, where, and how many may be away."""

from typing import Any

import pytest

from components.targets.kubernetes import naming, scaling
from components.workload import Identity, Image, Replicas, Resources, Workload
from tests.unit.objects import named, objects
from tests.unit.rendering import Rendered


def workload(**replicas: int) -> Workload:
    return Workload(
        name="app",
        tier="api",
        image=Image(reference="acme/app:1", identity=Identity(uid=1, gid=1)),
        resources=Resources(memory=64, cpu=0.1),
        replicas=Replicas(**replicas),
    )


@pytest.mark.parametrize(
    ("least", "most", "autoscaled"), [(1, 1, False), (3, 3, False), (2, 3, True), (1, 9, True)]
)
def test_an_autoscaler_decides_where_the_greatest_number_is_above_the_least(
    least: int, most: int, autoscaled: bool
) -> None:
    assert scaling.autoscaled(Replicas(min=least, max=most)) is autoscaled


def test_an_autoscaler_keeps_the_average_cpu_use_of_its_workload() -> None:
    assert scaling.autoscaler(workload(min=2, max=5, cpu_target=60), "Deployment") == {
        "scaleTargetRef": {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "name": "ai-platform-app",
        },
        "minReplicas": 2,
        "maxReplicas": 5,
        "metrics": [
            {
                "type": "Resource",
                "resource": {
                    "name": "cpu",
                    "target": {"type": "Utilization", "averageUtilization": 60},
                },
            }
        ],
    }


def test_what_is_autoscaled_asks_for_cpu_or_its_use_would_have_no_measure(
    own_kubernetes: Rendered,
) -> None:
    (autoscaler,) = objects(own_kubernetes, "HorizontalPodAutoscaler").values()
    target = autoscaler["spec"]["scaleTargetRef"]
    spec = named(own_kubernetes, target["kind"], target["name"])["spec"]["template"]["spec"]
    assert all(each["resources"]["requests"]["cpu"] for each in spec["containers"])


def test_one_pod_at_a_time_may_be_away_and_one_that_is_broken_does_not_count() -> None:
    budget = scaling.disruption_budget(workload(min=2, max=2))
    assert budget["maxUnavailable"] == 1
    assert budget["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
    assert budget["selector"]["matchLabels"]["app.kubernetes.io/name"] == "app"


def test_replicas_are_on_different_nodes_and_zones_where_there_are_any() -> None:
    compared = {
        "labelSelector": {"matchLabels": naming.selector("app")},
        "matchLabelKeys": ["pod-template-hash"],
    }
    assert scaling.spread(workload(min=2, max=2)) == {
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                **compared,
            }
        ],
        "affinity": {
            "podAntiAffinity": {
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    {
                        "weight": 100,
                        "podAffinityTerm": {
                            "topologyKey": "topology.kubernetes.io/zone",
                            **compared,
                        },
                    }
                ]
            }
        },
    }


def test_only_what_has_replicas_is_spread(kubernetes: Rendered) -> None:
    several = {f"ai-platform-{each.name}" for each in kubernetes.workloads if each.replicas.max > 1}
    spread: dict[str, Any] = {
        each["metadata"]["name"]: each["spec"]["template"]["spec"]
        for each in objects(kubernetes, "Deployment", "StatefulSet").values()
    }
    for field in ("topologySpreadConstraints", "affinity"):
        assert {name for name, spec in spread.items() if field in spec} == several
