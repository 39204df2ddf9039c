"""What the stack's state says about its last `up`: the cluster, and the sizes of claims.

It comes from the state, so a preview needs no cluster.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from components.addresses import PROJECT
from components.operated import Recovery
from components.targets import formats, last_update
from components.targets.kubernetes.cloudnative_pg import archive

# The output of every tier's component. `down` without a purge keeps the tiers of kept claims.
_OUTPUT = "cluster"
# An annotation of the namespace, if the stack creates it. An update with `--target` may register no
# component.
_ANNOTATION = "ai-platform/cluster"
_TIER = f"{PROJECT}:index:"
_NAMESPACE = "kubernetes:core/v1:Namespace"
_CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
_POSTGRES = "kubernetes:postgresql.cnpg.io/v1:Cluster"
_JOB = "kubernetes:batch/v1:Job"


@dataclass(frozen=True, kw_only=True)
class LastDeployment:
    """The last update of a stack. Everything is empty for a new stack."""

    cluster: str | None = None
    created_namespace: str | None = None
    claims: Mapping[str, str] = field(default_factory=dict)
    """The size of each claim by its name, and of a PostgreSQL cluster's claims by the cluster's
    name."""
    recoveries: Mapping[str, Recovery | None] = field(default_factory=dict)
    """The backup that each PostgreSQL cluster started from, by the cluster's name."""
    formats: Mapping[str, str] = field(default_factory=dict)
    """What can read the data of each volume, by the volume's name."""
    jobs: frozenset[str] = frozenset()
    """The names of the Jobs."""


def read() -> LastDeployment:
    """Read the resources of this stack as its last update left them."""
    return from_outputs(last_update.outputs())


def outputs(cluster: str | None) -> Mapping[str, str]:
    """The outputs of a tier's component that remember the stack's cluster."""
    return {_OUTPUT: cluster} if cluster else {}


def annotations(cluster: str | None) -> Mapping[str, str]:
    """The annotations of the stack's own namespace that remember its cluster."""
    return {_ANNOTATION: cluster} if cluster else {}


def from_outputs(outputs: Mapping[str, Any]) -> LastDeployment:
    """The last deployment from the outputs of each resource by its URN."""
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for urn, resource in outputs.items():
        kind = urn.split("::")[2].rpartition("$")[2]
        by_kind.setdefault(kind, []).append(resource.get("outputs", resource))
    return LastDeployment(
        cluster=next(_clusters(by_kind), None),
        created_namespace=next(
            (namespace["metadata"]["name"] for namespace in by_kind.get(_NAMESPACE, [])), None
        ),
        claims={
            claim["metadata"]["name"]: claim["spec"]["resources"]["requests"]["storage"]
            for claim in by_kind.get(_CLAIM, [])
        }
        | {
            cluster["metadata"]["name"]: cluster["spec"]["storage"]["size"]
            for cluster in by_kind.get(_POSTGRES, [])
        },
        recoveries={
            cluster["metadata"]["name"]: archive.started_from(cluster["spec"])
            for cluster in by_kind.get(_POSTGRES, [])
        },
        formats=formats.remembered(outputs),
        jobs=frozenset(job["metadata"]["name"] for job in by_kind.get(_JOB, [])),
    )


def _clusters(by_kind: Mapping[str, list[Mapping[str, Any]]]) -> Iterator[str]:
    """What the resources say about the stack's cluster, first its tiers."""
    for kind, components in by_kind.items():
        if kind.startswith(_TIER):
            yield from (component[_OUTPUT] for component in components if _OUTPUT in component)
    for namespace in by_kind.get(_NAMESPACE, []):
        remembered = namespace["metadata"].get("annotations") or {}
        if _ANNOTATION in remembered:
            yield remembered[_ANNOTATION]
