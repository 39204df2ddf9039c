"""What the stack's state says about its last `up`: the cluster, and the sizes of claims.

It comes from the state, so a preview needs no cluster.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from components.targets import formats, last_update

CLUSTER = "ai-platform/cluster"

_NAMESPACE = "kubernetes:core/v1:Namespace"
_CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
_POSTGRES = "kubernetes:postgresql.cnpg.io/v1:Cluster"
_JOB = "kubernetes:batch/v1:Job"


@dataclass(frozen=True, kw_only=True)
class LastDeployment:
    """The last update of a stack. Everything is empty for a new stack."""

    cluster: str | None = None
    claims: Mapping[str, str] = field(default_factory=dict)
    """The size of each claim by its name, and of a PostgreSQL cluster's claims by the cluster's
    name."""
    formats: Mapping[str, str] = field(default_factory=dict)
    """What can read the data of each volume, by the volume's name."""
    completed_jobs: frozenset[str] = frozenset()
    """The names of the Jobs that succeeded."""


def read() -> LastDeployment:
    """Read the resources of this stack as its last update left them."""
    return from_outputs(last_update.outputs())


def from_outputs(outputs: Mapping[str, Any]) -> LastDeployment:
    """The last deployment from the outputs of each resource by its URN."""
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for urn, resource in outputs.items():
        kind = urn.split("::")[2].rpartition("$")[2]
        by_kind.setdefault(kind, []).append(resource.get("outputs", resource))
    clusters = [
        (namespace["metadata"].get("annotations") or {}).get(CLUSTER)
        for namespace in by_kind.get(_NAMESPACE, [])
    ]
    return LastDeployment(
        cluster=next(iter(clusters), None),
        claims={
            claim["metadata"]["name"]: claim["spec"]["resources"]["requests"]["storage"]
            for claim in by_kind.get(_CLAIM, [])
        }
        | {
            cluster["metadata"]["name"]: cluster["spec"]["storage"]["size"]
            for cluster in by_kind.get(_POSTGRES, [])
        },
        formats=formats.remembered(outputs),
        completed_jobs=frozenset(
            job["metadata"]["name"]
            for job in by_kind.get(_JOB, [])
            if (job.get("status") or {}).get("succeeded")
        ),
    )
