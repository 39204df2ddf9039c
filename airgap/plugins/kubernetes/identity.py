"""DiffConfig: whether changed settings of the provider lead to another cluster.

A cluster has no identity of its own. `clusterIdentifier` is one that the user gives; without it,
the active cluster's entry in the kubeconfig stands for it. Objects on another cluster are replaced.
"""

from __future__ import annotations

from typing import Any, Final

from pulumi.runtime.proto import provider_pb2

from airgap.plugins.kubernetes import kubeconfig, settings
from airgap.plugins.kubernetes.kubeconfig import Unusable
from airgap.plugins.values import Properties, has_unknown, reveal

LEADING: Final = ("kubeconfig", "context", "cluster")
IDENTIFIER: Final = "clusterIdentifier"
Response = provider_pb2.DiffResponse


def config_diff(olds: Properties, news: Properties) -> provider_pb2.DiffResponse:
    """The changed settings, and those that replace everything on the cluster."""
    old, new = reveal(olds), reveal(news)
    changed = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    if not changed:
        return Response(changes=Response.DIFF_NONE)
    replaces: list[str] = []
    if IDENTIFIER in changed and IDENTIFIER in old and IDENTIFIER in new:
        replaces.append(IDENTIFIER)
    unknown = next((name for name in LEADING if has_unknown(new.get(name))), None)
    if unknown:
        changed = [unknown]
        replaces.append(unknown)
    else:
        before, after = _active(old), _active(new)
        if before is not None and after is not None and before != after:
            replaces += [name for name in LEADING if name in changed]
    if IDENTIFIER not in changed and new.get(IDENTIFIER):
        replaces = []
    return Response(changes=Response.DIFF_SOME, diffs=changed, replaces=replaces)


def _active(given: Properties) -> dict[str, Any] | None:
    """The cluster's entry; None where none is named here, the usual places do not count."""
    read = settings.read(given)
    if not read.kubeconfig:
        return None
    try:
        return kubeconfig.active(read).cluster
    except Unusable:
        return None
