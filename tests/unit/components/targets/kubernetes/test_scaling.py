"""How many pods run, where, and how many may be unavailable."""

from typing import Any

import pulumi
import pytest

from components.container import Identity, Image, Resources
from components.settings import Kubernetes
from components.targets.kubernetes import naming, objects, scaling
from components.targets.kubernetes.scope import Scope
from components.workload import Replicas, Workload
from tests.unit.objects import named
from tests.unit.objects import objects as objects_of
from tests.unit.rendering import Rendered, run


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
def test_an_autoscaler_decides_if_max_is_above_min(least: int, most: int, autoscaled: bool) -> None:
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


def test_an_autoscaled_workload_has_a_cpu_request(
    own_kubernetes: Rendered,
) -> None:
    (autoscaler,) = objects_of(own_kubernetes, "HorizontalPodAutoscaler").values()
    target = autoscaler["spec"]["scaleTargetRef"]
    spec = named(own_kubernetes, target["kind"], target["name"])["spec"]["template"]["spec"]
    assert all(container["resources"]["requests"]["cpu"] for container in spec["containers"])


def test_one_pod_at_a_time_may_be_unavailable_and_broken_ones_do_not_count() -> None:
    budget = scaling.disruption_budget(workload(min=2, max=2))
    assert budget["maxUnavailable"] == 1
    assert budget["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
    assert budget["selector"]["matchLabels"]["app.kubernetes.io/name"] == "app"


def registered(workload: Workload, kind: type[objects.Object]) -> Rendered:
    """The autoscaler and the budget for an object of this kind that runs the workload."""

    def program() -> None:
        scope = Scope(
            settings=Kubernetes(),
            namespace="acme",
            opts=pulumi.ResourceOptions(),
            discovered=True,
        ).of(workload.name, workload.tier)
        resource = kind(workload.name, metadata=scope.metadata("ai-platform-app"), opts=scope.opts)
        scaling.register(workload, resource, scope)

    return run(program)


@pytest.mark.parametrize("kind", [objects.Deployment, objects.StatefulSet])
def test_an_autoscaler_depends_on_its_workload_and_names_its_kind(
    kind: type[objects.Object],
) -> None:
    rendered = registered(workload(min=2, max=3), kind)
    autoscaler = rendered.of_type("HorizontalPodAutoscaler")["app"]
    assert autoscaler.depends_on == {f"{kind.__name__} app"}
    assert autoscaler.inputs["spec"]["scaleTargetRef"]["kind"] == kind.__name__
    assert autoscaler.inputs["metadata"]["annotations"]["pulumi.com/skipAwait"] == "true"


@pytest.mark.parametrize(
    ("least", "most", "kinds"),
    [
        (1, 1, set()),
        (2, 2, {"PodDisruptionBudget"}),
        (1, 2, {"PodDisruptionBudget", "HorizontalPodAutoscaler"}),
    ],
)
def test_several_replicas_have_a_disruption_budget_and_a_range_has_an_autoscaler(
    least: int, most: int, kinds: set[str]
) -> None:
    rendered = registered(workload(min=least, max=most), objects.Deployment)
    assert {resource.inputs["kind"] for resource in rendered.resources.values()} - {
        "Deployment"
    } == kinds


def test_replicas_prefer_different_nodes_and_zones() -> None:
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


def test_only_workloads_with_replicas_are_spread(kubernetes: Rendered) -> None:
    replicated = {
        f"ai-platform-{workload.name}"
        for workload in kubernetes.workloads
        if workload.replicas.max > 1
    }
    pods: dict[str, Any] = {
        controller["metadata"]["name"]: controller["spec"]["template"]["spec"]
        for controller in objects_of(kubernetes, "Deployment", "StatefulSet").values()
    }
    for field in ("topologySpreadConstraints", "affinity"):
        assert {name for name, pod in pods.items() if field in pod} == replicated
