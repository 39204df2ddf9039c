"""What the target computes before it registers anything."""

from typing import Any

import pytest

from components.addresses import Address
from components.container import Identity, Image, Port, Resources
from components.data import cloudnative_pg
from components.settings import Kubernetes
from components.targets.kubernetes.plan import plan
from components.tier import Description
from components.workload import Exposure, Workload
from tests.unit.describing import KUBERNETES, MONITORS, catalogue, hosted, settings

POSTGRES = cloudnative_pg.cluster(
    settings({**KUBERNETES, "data": {"mode": "cloudnative-pg", "backup": False, "pooler": {}}}),
    catalogue(),
)


def workload(name: str, *reaches: Address, hosts: tuple[str, ...] = ()) -> Workload:
    return Workload(
        name=name,
        tier="api",
        image=Image(reference="acme/app:1", identity=Identity(uid=1, gid=1)),
        resources=Resources(memory=64, cpu=0.1),
        ports=(Port(name="http", number=80, metrics="/metrics"),),
        reaches=reaches,
        exposure=Exposure(endpoint=name, port=80, hosts=hosts),
    )


@pytest.fixture
def kubernetes() -> Kubernetes:
    return settings(hosted()).kubernetes


def entered(policy: dict[str, Any]) -> list[str]:
    """The namespaces whose pods may connect."""
    return [
        peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
        for rule in policy["ingress"]
        for peer in rule["from"]
        if "namespaceSelector" in peer
    ]


def test_every_part_with_pods_has_a_policy_of_the_same_name(kubernetes: Kubernetes) -> None:
    planned = plan([workload("a"), POSTGRES, MONITORS], kubernetes)
    assert {part: set(policies) for part, policies in planned.policies.items()} == {
        "a": {"a"},
        "postgres": {"postgres", "postgres-pooler"},
        "observability": set(),
    }


def test_only_workloads_with_a_host_are_exposed_and_reachable_for_the_controller(
    kubernetes: Kubernetes,
) -> None:
    parts = [workload("door", hosts=("ai.example.com",)), workload("app")]
    planned = plan(parts, kubernetes)
    assert [part.name for part, _ in planned.exposed] == ["door"]
    assert entered(planned.policies["door"]["door"]) == ["traefik"]
    assert entered(planned.policies["app"]["app"]) == []


def test_policies_select_an_operators_pods_by_their_labels(
    kubernetes: Kubernetes,
) -> None:
    planned = plan([workload("a", POSTGRES.entry), POSTGRES], kubernetes)
    poolers = {"cnpg.io/cluster": "ai-platform-postgres", "cnpg.io/podRole": "pooler"}
    assert planned.operated["postgres-pooler"] == poolers
    to_pooler, _ = planned.policies["a"]["a"]["egress"]
    assert to_pooler["to"] == [{"podSelector": {"matchLabels": poolers}}]


def test_an_operated_prometheus_connects_from_its_namespace_without_dns_discovery(
    kubernetes: Kubernetes,
) -> None:
    planned = plan([workload("a"), MONITORS], kubernetes)
    assert not planned.discovered
    assert entered(planned.policies["a"]["a"]) == ["watchers"]


def test_our_own_prometheus_discovers_pods_by_dns_names(kubernetes: Kubernetes) -> None:
    planned = plan([workload("a")], kubernetes)
    assert planned.discovered
    assert entered(planned.policies["a"]["a"]) == []


def test_parts_keep_their_order(kubernetes: Kubernetes) -> None:
    parts: list[Description] = [workload("b"), POSTGRES, workload("a")]
    assert plan(parts, kubernetes).parts == parts
