"""Where a pod runs, and its GPUs."""

import pytest

from components.placement import ANYWHERE, Placement
from components.placement import Toleration as Tolerated
from components.settings import Kubernetes, Toleration
from components.targets.kubernetes import placement

GPU = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}


def lost(seconds: int) -> list[dict[str, object]]:
    return [
        {
            "key": f"node.kubernetes.io/{taint}",
            "operator": "Exists",
            "effect": "NoExecute",
            "tolerationSeconds": seconds,
        }
        for taint in ("not-ready", "unreachable")
    ]


def test_a_pod_runs_anywhere_by_default_and_stays_on_a_lost_node_for_a_while() -> None:
    assert placement.fields(ANYWHERE, Kubernetes(lost_node_seconds=45)) == {
        "nodeSelector": {},
        "tolerations": lost(45),
        "runtimeClassName": None,
        "priorityClassName": None,
    }
    assert placement.gpus(ANYWHERE) == {}


@pytest.mark.parametrize(
    ("toleration", "taints"),
    [
        (Toleration(operator="Exists"), []),
        (Toleration(operator="Exists", effect="NoSchedule"), ["not-ready", "unreachable"]),
        (Toleration(key="node.kubernetes.io/unreachable", operator="Exists"), ["not-ready"]),
    ],
)
def test_a_toleration_of_a_lost_nodes_taint_in_the_settings_takes_precedence(
    toleration: Toleration, taints: list[str]
) -> None:
    own = Placement(tolerations=(Tolerated(**toleration.model_dump()),))
    for first, *ours in (
        placement.tolerations(Kubernetes(tolerations=[toleration])),
        placement.tolerations(Kubernetes(), own),
    ):
        assert first == toleration.model_dump(exclude_none=True)
        assert [own["key"] for own in ours] == [f"node.kubernetes.io/{taint}" for taint in taints]


def test_a_parts_placement_is_added_to_that_of_the_stack() -> None:
    stack = Kubernetes(
        node_selector={"pool": "apps", "zone": "a"},
        tolerations=[Toleration(key="apps", operator="Exists")],
    )
    own = Placement(
        node_selector={"pool": "gpu"},
        tolerations=(
            Tolerated(key="gpu", value="only", effect="NoSchedule"),
            Tolerated(key="apps", operator="Exists"),
        ),
        runtime_class="nvidia",
        priority_class="important",
    )
    assert placement.fields(own, stack) == {
        "nodeSelector": {"pool": "gpu", "zone": "a"},
        "tolerations": [
            {"key": "gpu", "operator": "Equal", "value": "only", "effect": "NoSchedule"},
            {"key": "apps", "operator": "Exists"},
            *lost(30),
        ],
        "runtimeClassName": "nvidia",
        "priorityClassName": "important",
    }


def test_a_pod_with_gpus_tolerates_the_taint_of_their_nodes() -> None:
    assert placement.gpus(Placement(gpu=2)) == {"nvidia.com/gpu": "2"}
    assert placement.tolerations(Kubernetes(), Placement(gpu=2)) == [GPU, *lost(30)]
