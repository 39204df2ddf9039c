"""What is refused before anything is touched: another cluster, and a claim made smaller."""

from collections.abc import Iterable

import pulumi

from components.settings.kubernetes import Kubernetes
from components.settings.values import mebibytes
from components.targets.kubernetes import naming
from components.targets.kubernetes.cluster import Cluster, find
from components.targets.kubernetes.remembered import Remembered
from components.workload import Volume


def cluster(wanted: Kubernetes, remembered: Remembered) -> Cluster | None:
    """The cluster that `up` goes to; None in a preview, which asks none.

    RunError refuses one that is not the one that the stack was deployed to, unless the settings
    name it.
    """
    if pulumi.runtime.is_dry_run():
        return None
    known = wanted.cluster or remembered.cluster
    here = find(wanted.context)
    if known and here.uid != known:
        raise pulumi.RunError(
            f"the stack lives on the cluster {known}, and the context leads to {here.uid} at "
            f"{here.server}. Nothing was changed. Take that cluster's context; or, to move the "
            f"stack, set kubernetes.cluster to {here.uid} (docs/kubernetes.md)."
        )
    return here


def claims(volumes: Iterable[Volume], remembered: Remembered) -> None:
    """RunError names every claim that would shrink: no storage can do that, and data would go."""
    shrunk = [
        f"{volume.name}: {volume.size} is less than the {before} that the claim "
        f"{naming.host_name(volume.name)} has"
        for volume in volumes
        if (before := remembered.claims.get(naming.host_name(volume.name)))
        and mebibytes(volume.size) < mebibytes(before)
    ]
    if shrunk:
        raise pulumi.RunError(
            "a claim grows and never shrinks; nothing was changed. Set `size` of these to what "
            "they have, or to more:\n" + "\n".join(shrunk)
        )
