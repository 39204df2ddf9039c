"""Take a stack down; its data and the secrets of the data stay, unless the user purges them."""

from operations import docker_stack, kubernetes_stack, stack_file, steps, untracked
from operations.workspace import Workspace


def down(workspace: Workspace, *, purge: bool) -> None:
    """Take the workspace's stack down and print which data is kept."""
    stack = workspace.stack
    settings = stack_file.open_stack(workspace)
    on_cluster = settings.target == "kubernetes"
    if on_cluster:
        kubernetes_stack.expect_own_plugin(settings, workspace)
    workspace.prepare()
    if on_cluster:
        kubernetes_stack.expect_own_cluster(settings.kubernetes, workspace)
    else:
        existing = untracked.existing(workspace)
        untracked.remove(workspace, existing, workspace.identifiers())
    if purge:
        with steps.step("Unprotect the data volumes and their secrets"):
            workspace.pulumi("state", "unprotect", "--all", "--yes", "--stack", stack, quiet=True)
    options = [] if purge else ["--exclude-protected"]
    with steps.step(" ".join(["pulumi destroy", *options]), prints=True):
        workspace.pulumi("destroy", *steps.NON_INTERACTIVE, *options, "--stack", stack)
    if purge:
        workspace.pulumi("stack", "rm", "--yes", stack, quiet=True)
        steps.console.print(f"The stack {stack} and its data are removed.")
        return
    if on_cluster:
        volumes = kubernetes_stack.claims(settings.kubernetes, workspace)
    else:
        volumes = docker_stack.volumes(workspace.name)
    if volumes:
        steps.console.print("Kept, with their secrets in the stack's state:")
        for volume in volumes:
            steps.console.print(f"  {volume}", markup=False)
        steps.console.print(
            f"make up STACK={stack} uses them again; make down STACK={stack} PURGE=1 removes them."
        )
