"""The cluster of `make cluster`, which is for one stack, and by default for no other."""

from collections.abc import Iterator

import pulumi
import yaml

from cluster.local_cluster import STACK, LocalCluster, directory


def refuse(context: str, server: str, stack: str, *, name: str) -> None:
    """Raises RunError where the context that happens to be the current one leads any other stack to
    this cluster, or its own stack to another cluster. The stack's name has no organisation."""
    own = server in _servers()
    if own == (name == STACK):
        return
    which = (
        f"the cluster of make cluster. That cluster is for the stack {STACK}, and not by default "
        f"for {stack}"
        if own
        else f"not the cluster of make cluster. The stack {STACK} is for that cluster alone"
    )
    raise pulumi.RunError(
        f"the current context {context} leads to {server}, which is {which}. Nothing was changed. "
        "Name the stack's context with kubernetes.context."
    )


def _servers() -> Iterator[str]:
    """The URLs of the API server in the cluster's own kubeconfig, if the cluster exists."""
    kubeconfig = LocalCluster(folder=directory()).kubeconfig
    if kubeconfig.exists():
        content = yaml.safe_load(kubeconfig.read_text()) or {}
        for entry in content.get("clusters") or []:
            yield entry["cluster"]["server"]
