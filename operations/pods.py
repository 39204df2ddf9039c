"""What runs of a Kubernetes stack, read from its cluster by its labels."""

import os
from typing import Any

import click

from components.settings import Kubernetes, Settings
from operations.engine import Running
from operations.workspace import Workspace

# Seconds.
LIMIT = 10


def pods(wanted: Kubernetes, workspace: Workspace) -> list[Running]:
    """The pods of a stack, by tier and name, but for those of jobs that are done."""
    core = _core(wanted, workspace)
    found = core.list_namespaced_pod(
        wanted.namespace,
        label_selector=_own(workspace),
        field_selector="status.phase!=Succeeded",
        _request_timeout=LIMIT,
    )
    return sorted(map(_running, found.items), key=lambda each: (each.tier, each.name))


def claims(wanted: Kubernetes, workspace: Workspace) -> list[str]:
    """The claims of a stack that are there, by name."""
    core = _core(wanted, workspace)
    found = core.list_namespaced_persistent_volume_claim(
        wanted.namespace, label_selector=_own(workspace), _request_timeout=LIMIT
    )
    return sorted(each.metadata.name for each in found.items)


def expect_own_cluster(wanted: Kubernetes, workspace: Workspace) -> None:
    """ClickException where the context leads to another cluster than the stack lives on.

    There the stack's objects are not found, and what is not found counts as gone.
    """
    from components.targets.kubernetes import last_deployment

    known = last_deployment.from_outputs(workspace.resources()).cluster
    here = _asked(wanted, workspace).uid
    if known and here != known:
        raise click.ClickException(
            f"the stack lives on the cluster {known}, and the context leads to {here}. "
            "Nothing was changed. Take that cluster's context."
        )


def expect_own_plugin(wanted: Settings, workspace: Workspace) -> None:
    """ClickException where a compiled plugin would change a cluster that nobody named for it."""
    import pulumi

    from components.targets.kubernetes import guard

    _know_kubeconfig(workspace)
    try:
        guard.plugin(wanted.plugins, wanted.kubernetes.context)
    except pulumi.RunError as error:
        raise click.ClickException(str(error)) from None


def _asked(wanted: Kubernetes, workspace: Workspace) -> Any:
    import pulumi

    from components.targets.kubernetes import cluster

    _know_kubeconfig(workspace)
    try:
        return cluster.find(wanted.context)
    except pulumi.RunError as error:
        raise click.ClickException(str(error)) from None


def _core(wanted: Kubernetes, workspace: Workspace) -> Any:
    from kubernetes.client import CoreV1Api

    return CoreV1Api(_asked(wanted, workspace).client)


def _know_kubeconfig(workspace: Workspace) -> None:
    """As a shell knows it that `make env` has set up."""
    found = workspace.variables.get("KUBECONFIG")
    if found:
        os.environ["KUBECONFIG"] = found


def _own(workspace: Workspace) -> str:
    return f"app.kubernetes.io/part-of=ai-platform,app.kubernetes.io/instance={workspace.stack}"


def _running(pod: Any) -> Running:
    labels, status = pod.metadata.labels, pod.status
    ready = any(each.type == "Ready" and each.status == "True" for each in status.conditions or [])
    waiting = [
        each.state.waiting.reason
        for each in status.container_statuses or []
        if each.state and each.state.waiting
    ]
    ends = pod.metadata.deletion_timestamp is not None
    return Running(
        name=pod.metadata.name,
        workload=labels["app.kubernetes.io/name"],
        tier=labels["app.kubernetes.io/component"],
        state="ending" if ends else status.phase.lower(),
        health="healthy" if ready else (waiting[0] if waiting else "not ready"),
    )
