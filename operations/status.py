"""Each service of a stack, its health and its endpoint."""

from collections.abc import Mapping

from rich.table import Column, Table

from operations import engine, pods, stack_file, steps
from operations.workspace import PROJECT, Workspace

TITLES = ("tier", "service", "health", "endpoint")
COLOURS = {True: "green", False: "red"}


def status(stack: str) -> bool:
    """Print the table; False where something is not well or nothing runs."""
    workspace = Workspace.of(stack)
    wanted = stack_file.settings(workspace)
    on_cluster = wanted.target == "kubernetes"
    running = pods.pods(wanted.kubernetes, workspace) if on_cluster else engine.containers(stack)
    if not running:
        steps.console.print(f"Nothing of the stack {stack} runs. make up STACK={stack} starts it.")
        return False
    prefix = "" if on_cluster else f"{PROJECT}-{stack}-"
    steps.console.print(table(running, workspace.outputs().get("endpoints", {}), prefix))
    if prefix:
        steps.console.print(f"\nThe log of one: docker logs {prefix}SERVICE", style="dim")
    return all(each.well for each in running)


def table(running: list[engine.Running], endpoints: Mapping[str, str | None], prefix: str) -> Table:
    """One row per container or pod, each workload's endpoint in its first one.

    The web tier's endpoint is `web`, Alertmanager's its gateway's. `prefix` is what every name
    begins with: left out, a row has room on a terminal of 80 columns.
    """
    of_workload = {"frontend": "web", "alertmanager-gateway": "alertmanager"}
    columns = (Column(title, overflow="fold") for title in TITLES)
    shown = Table(*columns, box=None, pad_edge=False)
    seen = {"alertmanager"}
    for each in running:
        endpoint = endpoints.get(of_workload.get(each.workload, each.workload))
        main = each.workload not in seen
        seen.add(each.workload)
        words = each.health or "running, no check"
        if each.state != "running":
            words = each.state
        colour = COLOURS[each.well]
        name, health = each.name.removeprefix(prefix), f"[{colour}]{words}[/{colour}]"
        shown.add_row(each.tier, name, health, (endpoint or "") if main else "")
    return shown
