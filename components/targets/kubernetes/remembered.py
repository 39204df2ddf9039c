"""What the stack's own state says of its last `up`: on which cluster, and how large its claims.

Read from the state, so that a preview knows it with no cluster at hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from components.targets import last_update

CLUSTER = "ai-platform/cluster"

_NAMESPACE = "kubernetes:core/v1:Namespace"
_CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
_POSTGRES = "kubernetes:postgresql.cnpg.io/v1:Cluster"
_CONFIG_MAP = "kubernetes:core/v1:ConfigMap"


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """Nothing of all this for a stack that is new."""

    cluster: str | None = None
    claims: Mapping[str, str] = field(default_factory=dict)
    """The size of each claim by its name; of a PostgreSQL cluster's claims by the cluster's."""
    configuration: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The files of each ConfigMap by its name."""


def read() -> Remembered:
    """Ask the engine for the resources of this stack as its last update left them."""
    return from_outputs(last_update.outputs())


def from_outputs(outputs: Mapping[str, Any]) -> Remembered:
    """Outputs of each resource by its URN."""
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for urn, resource in outputs.items():
        kind = urn.split("::")[2].rpartition("$")[2]
        by_kind.setdefault(kind, []).append(resource.get("outputs", resource))
    clusters = [
        (each["metadata"].get("annotations") or {}).get(CLUSTER)
        for each in by_kind.get(_NAMESPACE, [])
    ]
    return Remembered(
        cluster=next(iter(clusters), None),
        claims={
            each["metadata"]["name"]: each["spec"]["resources"]["requests"]["storage"]
            for each in by_kind.get(_CLAIM, [])
        }
        | {
            each["metadata"]["name"]: each["spec"]["storage"]["size"]
            for each in by_kind.get(_POSTGRES, [])
        },
        configuration={
            each["metadata"]["name"]: each.get("data") or {}
            for each in by_kind.get(_CONFIG_MAP, [])
        },
    )
