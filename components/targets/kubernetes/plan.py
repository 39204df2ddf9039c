"""What the target computes before it registers anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.operated import Monitors, PostgresCluster
from components.settings import Kubernetes
from components.targets.kubernetes import cloudnative_pg, policies
from components.targets.kubernetes.cloudnative_pg import policies as cloudnative_pg_policies
from components.targets.kubernetes.policies import Rules, Selectors
from components.tier import Description
from components.workload import Exposure, Part, Workload


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything about a stack's objects that follows from its parts and settings alone.

    `parts` are in the order in which they start. `policies` are the specs of NetworkPolicies for
    each part: by the part's name, then by the object's. `exposed` are the workloads with host
    names. `operated` are the labels of pods that an operator creates, by the names under which
    others reach them. `discovered`: our own Prometheus discovers pods by DNS names.
    """

    parts: Sequence[Description]
    policies: Mapping[str, Mapping[str, dict[str, Any]]]
    exposed: Sequence[tuple[Workload, Exposure]]
    operated: Selectors
    discovered: bool


def plan(parts: Sequence[Description], settings: Kubernetes) -> Plan:
    exposed = [
        (part, part.exposure)
        for part in parts
        if isinstance(part, Workload) and part.exposure and part.exposure.hosts
    ]
    operated = {
        name: labels
        for part in parts
        if isinstance(part, PostgresCluster)
        for name, labels in cloudnative_pg.selectors(part).items()
    }
    operators = [part for part in parts if isinstance(part, Monitors)]
    rules = Rules(
        # The order of tiers and parts changes no policy.
        parts=sorted(
            (part for part in parts if isinstance(part, Part)), key=lambda part: part.name
        ),
        settings=settings,
        entered={workload.name: exposure.port for workload, exposure in exposed},
        operated=operated,
        monitored_from=operators[0].namespace if operators else None,
    )
    return Plan(
        parts=parts,
        policies={part.name: _policies(part, rules) for part in parts},
        exposed=exposed,
        operated=operated,
        discovered=not operators,
    )


def _policies(part: Description, rules: Rules) -> dict[str, dict[str, Any]]:
    match part:
        case Part():
            return {part.name: policies.policy(part, rules)}
        case PostgresCluster():
            return cloudnative_pg_policies.policies(part, rules)
        case Monitors():
            return {}
