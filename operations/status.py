"""Each service of a stack, its health and its endpoint."""

from collections.abc import Mapping

from rich.table import Table

from operations import engine, pods, stack_file, steps
from operations.workspace import Workspace

COLOURS = {True: "green", False: "red"}


def status(stack: str) -> bool:
    """Print the table; False where something is not well or nothing runs."""
    workspace = Workspace.of(stack)
    wanted = stack_file.settings(stack)
    on_cluster = wanted.target == "kubernetes"
    running = pods.pods(wanted.kubernetes, workspace) if on_cluster else engine.containers(stack)
    if not running:
        steps.console.print(f"Nothing of the stack {stack} runs. make up STACK={stack} starts it.")
        return False
    steps.console.print(table(running, workspace.outputs().get("endpoints", {})))
    return all(each.well for each in running)


def table(running: list[engine.Running], endpoints: Mapping[str, str | None]) -> Table:
    """One row per container or pod, each workload's endpoint in its first one.

    The web tier's endpoint is `web`, Alertmanager's its gateway's.
    """
    of_workload = {"frontend": "web", "alertmanager-gateway": "alertmanager"}
    shown = Table("tier", "service", "health", "endpoint", box=None, pad_edge=False)
    seen = {"alertmanager"}
    for each in running:
        endpoint = endpoints.get(of_workload.get(each.workload, each.workload))
        main = each.workload not in seen
        seen.add(each.workload)
        words = each.health or "running, watched by Prometheus"
        if each.state != "running":
            words = each.state
        colour = COLOURS[each.well]
        shown.add_row(
            each.tier, each.name, f"[{colour}]{words}[/{colour}]", (endpoint or "") if main else ""
        )
    return shown
