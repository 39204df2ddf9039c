"""Where `up` of a stack on a cluster goes. It is shown, and the user is asked, before a change."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import click
import yaml

from cluster.local_cluster import LocalCluster
from components.settings import Kubernetes
from operations import kubernetes_stack, steps
from operations.plan import terminal
from operations.plan.compare import compare
from operations.plan.outcome import Outcome
from operations.plan.previews import Deployed
from operations.workspace import LOCAL, Workspace, cluster_directory


@dataclass(frozen=True, kw_only=True)
class Destination:
    """A context of the kubeconfig, the URL of its API server, and the stack's namespace."""

    context: str
    server: str
    namespace: str

    def __str__(self) -> str:
        return f"the cluster at {self.server} (context {self.context}, namespace {self.namespace})"


def find(kubernetes: Kubernetes, workspace: Workspace) -> Destination:
    """The destination of a stack. Raises ClickException if its cluster does not answer, or if the
    context that happens to be the current one belongs to the cluster of `make cluster`, or to
    another cluster than that for the stack of `make cluster`."""
    context = kubernetes_stack.context(kubernetes, workspace)
    cluster = kubernetes_stack.cluster(kubernetes, workspace)
    own = cluster.server in _servers(LocalCluster(folder=cluster_directory()))
    if kubernetes.context is None and own != (workspace.name == LOCAL):
        raise click.ClickException(
            f"the current context {context} leads to {cluster.server}, which is "
            + (
                f"the cluster of make cluster. That cluster is for the stack {LOCAL}, and not by "
                f"default for {workspace.stack}"
                if own
                else f"not the cluster of make cluster. The stack {LOCAL} is for that cluster alone"
            )
            + ". Nothing was changed. Name the stack's context with kubernetes.context."
        )
    return Destination(context=context, server=cluster.server, namespace=kubernetes.namespace)


def _servers(cluster: LocalCluster) -> Iterator[str]:
    """The URLs of the API server in the cluster's own kubeconfig, if the cluster exists."""
    if cluster.kubeconfig.exists():
        for entry in yaml.safe_load(cluster.kubeconfig.read_text())["clusters"]:
            yield entry["cluster"]["server"]


def confirm(workspace: Workspace, destination: Destination, plan: Deployed, *, yes: bool) -> None:
    """Show the plan and ask. A plan without changes is not asked about.

    Raises ClickException if the user does not want the changes, and UsageError if nobody can
    answer.
    """
    stack = workspace.stack
    if not plan.steps:
        steps.console.print(f"Nothing changes on {destination}.", markup=False, soft_wrap=True)
        return
    difference = compare(plan.base, plan.head, plan.steps)
    terminal.show(steps.console, [Outcome(stack=stack, difference=difference)], lines_of_new=0)
    steps.console.print()
    if kubernetes_stack.own_cluster(workspace) is None:
        question = f"The stack {stack} is new. Deploy it for the first time to {destination}?"
    else:
        question = f"Change the stack {stack} as shown, on {destination}?"
    if yes:
        steps.console.print(f"{question} YES=1", markup=False, soft_wrap=True)
    elif not sys.stdin.isatty():
        raise click.UsageError(
            f"{question} There is no terminal to answer on. Nothing was changed. YES=1 (option "
            "--yes) answers yes."
        )
    elif not click.confirm(question):
        raise click.ClickException("Nothing was changed.")
