"""A Kubernetes cluster on this machine to try stacks on, and its end."""

import shutil

from airgap import engine
from cluster import addons, choose, images, node, programs, tools, workers
from cluster.local_cluster import LocalCluster, Ports
from operations import choice, stack_file, steps
from operations.programs import ensure as ensure_pulumi
from operations.workspace import Workspace, cache_directory, cluster_directory

STACK = "local"
"""Whose stack file is for this cluster."""


def local_cluster(ports: Ports | None = None) -> LocalCluster:
    """Where this user's cluster is."""
    return LocalCluster(folder=cluster_directory(), ports=ports or Ports())


def up(local: LocalCluster, nodes: int | None = None) -> None:
    """Everything that is missing, in order, until pods can run.

    Without a number of nodes a cluster that is there keeps its own, and a new one gets one.
    """
    begun = steps.now()
    with steps.step("What to use for a cluster") as report:
        decision = choose.decide_for(local)
        report(decision.reason)
    with steps.step("Pulumi") as report:
        ensure_pulumi("kubernetes", choice.for_clusters(report), report)
    if decision.tool is None:
        own(local, nodes)
    else:
        with steps.step(f"Cluster by {decision.tool}") as report:
            tools.up(decision.tool, local, nodes, report)
    steps.console.print(
        f"Up in {steps.now() - begun:.0f} s.\n"
        f"Use it:    export KUBECONFIG={local.kubeconfig}, which make env says too\n"
        f"Registry:  {local.registry}, under this name here and in the cluster\n"
        f"Ingress:   https://HOST:{local.ports.https}, where HOST leads to 127.0.0.1\n"
        f"Try it:    make images STACK=local && make up STACK=local",
        markup=False,
        soft_wrap=True,
    )


def own(local: LocalCluster, nodes: int | None = None) -> None:
    """Our own cluster, built from Go modules and Debian's packages."""
    bin_directory = cache_directory() / "bin"
    with steps.step("Docker Engine") as report:
        engine.ensure(report)
    with steps.step("Programs") as report:
        programs.ensure(bin_directory, report)
        programs.link_kubectl(bin_directory)
    with steps.step("Images") as report:
        images.ensure(bin_directory, report)
    with steps.step("API server") as report:
        node.start(local, report)
        node.wait(local)
        node.write_kubeconfig(local)
    with steps.step("Name service, storage, ingress, metrics"):
        images.push(local.registry)
        addons.apply(local)
    with steps.step("Further nodes") as report:
        workers.ensure(local, nodes or 1 + len(workers.existing(local)), report)
    with steps.step("Until pods run"):
        addons.wait(local, workers.existing(local))


def down(local: LocalCluster) -> None:
    """Take the cluster away, with all that is in it."""
    with steps.step("Remove the cluster") as report:
        tool = tools.existing(local)
        if tool is not None:
            tools.down(tool, local)
        workers.remove(local)
        if node.remove(local) or tool is not None:
            report(f"{local.name}: its containers, its volumes and its state are gone")
        else:
            report("there is none")
        shutil.rmtree(local.folder, ignore_errors=True)
        _forget(Workspace.of(STACK), local, report)


def _forget(workspace: Workspace, local: LocalCluster, report: steps.Report) -> None:
    """The state of the stack that lived on the cluster: on the next one it would be refused."""
    context = stack_file.settings(workspace).kubernetes.context
    if context == local.name and workspace.directory.exists():
        workspace.pulumi(
            "stack", "rm", "--force", "--yes", "--stack", STACK, quiet=True, check=False
        )
        shutil.rmtree(workspace.directory)
        report(f"stack {STACK}: forgotten, as all that it had made was there")
