"""What is refused before anything is touched: a cluster, a smaller claim, an unknown secret."""

import os
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

import pulumi

from components.addresses import host_name
from components.settings import (
    COMPILED,
    MACHINE_FILE,
    ExistingSecret,
    Kubernetes,
    Plugins,
    Problem,
    SettingsError,
    nearest,
)
from components.targets.kubernetes.cluster import Cluster, current_context, find
from components.targets.kubernetes.last_deployment import LastDeployment
from components.workload import Volume

# Of what a claim asks for, as the API spells it.
UNITS: dict[str, Decimal | int] = {"": 1, "m": Decimal("0.001")}
UNITS |= {unit: 1000**n for n, unit in enumerate("kMGTPE", 1)}
UNITS |= {f"{unit}i": 1024**n for n, unit in enumerate("KMGTPE", 1)}


def cluster(settings: Kubernetes, last: LastDeployment) -> Cluster | None:
    """The cluster that `up` goes to; None in a preview, which asks none.

    RunError refuses one that is not the one that the stack was deployed to, unless the settings
    name it.
    """
    if pulumi.runtime.is_dry_run():
        return None
    expected = settings.cluster or last.cluster
    actual = find(settings.context)
    if expected and actual.uid != expected:
        raise pulumi.RunError(
            f"the stack lives on the cluster {expected}, and the context leads to {actual.uid} at "
            f"{actual.server}. Nothing was changed. Take that cluster's context; or, to move the "
            f"stack, set kubernetes.cluster to {actual.uid} (docs/kubernetes.md)."
        )
    return actual


IN_CLUSTER = "in-cluster"
"""Stands for the cluster of a pod that runs `up`."""


def plugin(plugins: Plugins, context: str | None) -> None:
    """Refuse to change a cluster by a compiled plugin unless its context was named for that.

    Raises RunError. A preview changes nothing, so nothing is refused there.
    """
    version = plugins.kubernetes or ""
    if pulumi.runtime.is_dry_run() or not version.endswith(COMPILED):
        return
    name = context or current_context() or IN_CLUSTER
    if name not in plugins.contexts:
        raise pulumi.RunError(
            f"this machine has the Kubernetes plugin {version}, which it compiled itself; it may "
            f"change the clusters of these contexts: {', '.join(plugins.contexts) or 'none'}. The "
            f"stack's context is {name}. Nothing was changed. To use this plugin there too, add "
            f"{name} to plugins.contexts in {os.environ.get(MACHINE_FILE, 'the stack file')}."
        )


def claims(volumes: Iterable[Volume], last: LastDeployment) -> None:
    """RunError names every claim that would shrink: no storage can do that, and data would go."""
    shrunk = [
        f"{volume.name}: {volume.size} is less than the {before} that the claim "
        f"{host_name(volume.name)} has"
        for volume in volumes
        if (before := last.claims.get(host_name(volume.name)))
        and _bytes(volume.size) < _bytes(before)
    ]
    if shrunk:
        raise pulumi.RunError(
            "a claim grows and never shrinks; nothing was changed. Set `size` of these to what "
            "they have, or to more:\n" + "\n".join(shrunk)
        )


def secrets(names: frozenset[str], existing: Mapping[str, ExistingSecret]) -> None:
    """RunError names every Secret that the settings offer for something that the stack lacks."""
    problems = [
        Problem(
            path=f"kubernetes.secrets.{name}",
            found="a secret that this stack does not have",
            allowed=", ".join(sorted(names)),
            nearest=nearest(name, names),
        )
        for name in existing
        if name not in names
    ]
    if problems:
        raise pulumi.RunError(str(SettingsError(problems)))


def _bytes(size: str) -> Decimal:
    """Any quantity: a claim that was grown by hand need not be spelled as the settings are."""
    unit = size.lstrip("0123456789.")
    if re.fullmatch(r"[eE]\d+", unit):
        return Decimal(size)
    return Decimal(size.removesuffix(unit)) * UNITS[unit]
