"""Take a stack down; its data and the secrets of the data stay."""

from components.settings import Settings
from operations import (
    destination,
    docker_stack,
    kubernetes_stack,
    questions,
    stack_file,
    steps,
    untracked,
)
from operations.destination import Destination
from operations.workspace import Workspace


def down(workspace: Workspace, *, yes: bool = False) -> None:
    """Take the workspace's stack down and print which data is kept. On a cluster the user must
    agree, unless `yes` says so."""
    settings, place = prepared(workspace)
    if place:
        show_running(workspace, settings, place)
        questions.confirm(
            f"End the stack {workspace.stack} on {place}, and keep its data and secrets?", yes=yes
        )
    end(workspace, settings)
    volumes = _volumes(workspace, settings)
    if volumes:
        steps.console.print("Kept, with their secrets in the stack's state:")
        for volume in volumes:
            steps.console.print(f"  {volume}", markup=False)
        steps.console.print(
            f"make up STACK={workspace.stack} uses them again; "
            f"make down STACK={workspace.stack} PURGE=1 removes them.",
            markup=False,
            soft_wrap=True,
        )


def prepared(workspace: Workspace) -> tuple[Settings, Destination | None]:
    """The settings of a stack whose state is ready, and its cluster, which is the one of the state.
    None stands for an engine."""
    settings = stack_file.open_stack(workspace)
    place = None
    if settings.target == "kubernetes":
        kubernetes_stack.expect_own_plugin(settings, workspace)
        place = destination.find(settings.kubernetes, workspace)
    workspace.prepare()
    if place:
        kubernetes_stack.expect_own_cluster(settings.kubernetes, workspace)
    return settings, place


def show_running(workspace: Workspace, settings: Settings, place: Destination) -> None:
    """Print the workloads that run on the cluster, by tier."""
    steps.console.print(f"On {place} run:", markup=False, soft_wrap=True)
    tiers: dict[str, dict[str, int]] = {}
    for pod in kubernetes_stack.pods(settings.kubernetes, workspace):
        workloads = tiers.setdefault(pod.tier, {})
        workloads[pod.workload] = workloads.get(pod.workload, 0) + 1
    for tier, workloads in tiers.items():
        names = (f"{name} ({count})" if count > 1 else name for name, count in workloads.items())
        steps.console.print(f"  {tier}: {', '.join(names)}", markup=False, soft_wrap=True)


def end(workspace: Workspace, settings: Settings) -> None:
    """Remove everything that the state does not protect."""
    if settings.target == "kubernetes":
        # The current context may have changed while the user read.
        kubernetes_stack.expect_own_cluster(settings.kubernetes, workspace)
    else:
        existing = untracked.existing(workspace)
        untracked.remove(workspace, existing, workspace.identifiers())
    destroy(workspace, "--exclude-protected")


def destroy(workspace: Workspace, *options: str, title: str = "") -> None:
    """Run `pulumi destroy` with these options."""
    with steps.step(title or " ".join(["pulumi destroy", *options]), prints=True):
        workspace.pulumi("destroy", *steps.NON_INTERACTIVE, *options, "--stack", workspace.stack)


def _volumes(workspace: Workspace, settings: Settings) -> list[str]:
    if settings.target == "kubernetes":
        return kubernetes_stack.claims(settings.kubernetes, workspace)
    return docker_stack.volumes(workspace.name)
