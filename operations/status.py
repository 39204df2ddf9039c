"""The health and the endpoint of each service of a stack."""

from collections.abc import Mapping

from rich.table import Column, Table

from operations import docker_stack, kubernetes_stack, stack_file, steps
from operations.docker_stack import Instance
from operations.workspace import PROJECT, Workspace

TITLES = ("tier", "service", "health", "endpoint")
COLOURS = {True: "green", False: "red"}


def status(stack: str) -> bool:
    """Print the table; return False where no instance runs or an instance is not healthy."""
    workspace = Workspace.of(stack)
    settings = stack_file.open_stack(workspace)
    on_cluster = settings.target == "kubernetes"
    if on_cluster:
        instances = kubernetes_stack.pods(settings.kubernetes, workspace)
    else:
        instances = docker_stack.containers(workspace.name)
    if not instances:
        context = kubernetes_stack.context(settings.kubernetes, workspace) if on_cluster else None
        where = f" on the cluster of the context {context}" if context else ""
        steps.console.print(
            f"The stack {stack} is not running{where}. make up STACK={stack} starts it.",
            markup=False,
            soft_wrap=True,
        )
        return False
    # The stack may have been deployed with plain `pulumi`, or from another machine.
    workspace.write_files()
    prefix = "" if on_cluster else f"{PROJECT}-{workspace.name}-"
    steps.console.print(table(instances, workspace.outputs().get("endpoints", {}), prefix))
    if prefix:
        host = settings.docker.host
        docker = f"docker --host {host}" if host else "docker"
        steps.console.print(
            f"\nThe log of one service: {docker} logs {prefix}SERVICE", style="dim", soft_wrap=True
        )
    return all(instance.healthy for instance in instances)


def table(instances: list[Instance], endpoints: Mapping[str, str | None], prefix: str) -> Table:
    """One row per container or pod; the first row of a workload shows its endpoint.

    Endpoints belong to the gateways in front of what they are named after. The rows leave out
    `prefix`, with which every name begins, so that they fit on 80 columns.
    """
    behind_gateways = ("alertmanager", "prometheus")
    endpoint_names = {"gateway": "web"} | {f"{name}-gateway": name for name in behind_gateways}
    columns = (Column(title, overflow="fold", no_wrap=title == TITLES[-1]) for title in TITLES)
    table = Table(*columns, box=None, pad_edge=False)
    with_endpoint = set(behind_gateways)
    for instance in instances:
        workload = instance.workload
        endpoint = endpoints.get(endpoint_names.get(workload, workload))
        first = workload not in with_endpoint
        with_endpoint.add(workload)
        health = instance.health or "running, no check"
        if instance.state != "running":
            health = instance.state
        if instance.keeps_restarting and instance.health in (None, "healthy"):
            health = "keeps restarting"
        if instance.restarts:
            health += f", {instance.restarts} restart{'s' if instance.restarts > 1 else ''}"
        colour = COLOURS[instance.healthy]
        table.add_row(
            instance.tier,
            instance.name.removeprefix(prefix),
            f"[{colour}]{health}[/{colour}]",
            (endpoint or "") if first else "",
        )
    return table
