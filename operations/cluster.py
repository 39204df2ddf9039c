"""Start and remove a Kubernetes cluster on this machine, on which users try out stacks."""

import shutil

from airgap import engine
from airgap.report import Report
from cluster import addons, choose_tool, images, node, programs, tools, workers
from cluster.local_cluster import STACK, LocalCluster, Ports, directory
from operations import machine_choices, stack_file, steps
from operations.pulumi_installation import ensure as ensure_pulumi
from operations.workspace import Workspace, cache_directory


def local_cluster(ports: Ports | None = None) -> LocalCluster:
    """This user's cluster."""
    return LocalCluster(folder=directory(), ports=ports or Ports())


def up(cluster: LocalCluster, nodes: int | None = None) -> None:
    """Run every step in order, until the cluster can run pods.

    Without `nodes` an existing cluster keeps its number of nodes, and a new cluster gets one.
    """
    start = steps.now()
    with steps.step("Choose a tool for the cluster") as report:
        choice = choose_tool.decide(cluster)
        report(choice.reason)
    with steps.step("Pulumi") as report:
        ensure_pulumi("kubernetes", machine_choices.for_clusters(report), report)
    if choice.tool is None:
        own(cluster, nodes)
    else:
        with steps.step(f"Cluster of {choice.tool}") as report:
            tools.up(choice.tool, cluster, nodes, report)
    steps.console.print(
        f"Up in {steps.now() - start:.0f} s.\n"
        f"Use it:    export KUBECONFIG={cluster.kubeconfig} (make env prints it too)\n"
        f"Registry:  {cluster.registry}, on this machine and in the cluster\n"
        f"Ingress:   https://HOST:{cluster.ports.https}, where HOST resolves to 127.0.0.1\n"
        f"Try it:    make images STACK=local && make up STACK=local",
        markup=False,
        soft_wrap=True,
    )


def own(cluster: LocalCluster, nodes: int | None = None) -> None:
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
        node.start(cluster, report)
        node.wait(cluster)
        node.write_kubeconfig(cluster)
    with steps.step("Name service, storage, ingress, metrics"):
        images.push(cluster.registry)
        addons.apply(cluster)
    with steps.step("Workers") as report:
        workers.ensure(cluster, nodes or 1 + len(workers.existing(cluster)), report)
    with steps.step("Wait for nodes and add-ons"):
        addons.wait(cluster, workers.existing(cluster))


def down(cluster: LocalCluster) -> None:
    """Remove the cluster and everything in it."""
    with steps.step("Remove the cluster") as report:
        tool = tools.existing(cluster)
        if tool is not None:
            tools.down(tool, cluster)
        workers.remove(cluster)
        if node.remove(cluster) or tool is not None:
            report(f"{cluster.name}: its containers, volumes and state are removed")
        else:
            report("this machine has no cluster")
        shutil.rmtree(cluster.folder, ignore_errors=True)
        _remove_stack(Workspace.of(STACK), cluster, report)


def _remove_stack(workspace: Workspace, cluster: LocalCluster, report: Report) -> None:
    """Remove the state of the stack on the cluster: `up` would refuse it on the next cluster."""
    context = stack_file.settings(workspace).kubernetes.context
    if context == cluster.name and workspace.directory.exists():
        workspace.pulumi(
            "stack", "rm", "--force", "--yes", "--stack", STACK, quiet=True, check=False
        )
        shutil.rmtree(workspace.directory)
        report(f"stack {STACK}: its state is removed, because its resources were on the cluster")
