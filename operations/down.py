"""Take a stack down: kept data stays with its secrets, unless it is asked for by name."""

from operations import engine, pods, stack_file, steps
from operations.workspace import Workspace


def down(workspace: Workspace, *, purge: bool) -> None:
    """Take the workspace's stack down and say what is kept."""
    stack = workspace.stack
    wanted = stack_file.settings(workspace)
    on_cluster = wanted.target == "kubernetes"
    if on_cluster:
        pods.expect_own_plugin(wanted, workspace)
    workspace.prepare()
    if on_cluster:
        pods.expect_own_cluster(wanted.kubernetes, workspace)
    elif wanted.docker.host is None:  # the engine that `docker` asks here
        _remove_unknown(workspace)
    if purge:
        with steps.step("Unprotect the data volumes and their secrets"):
            workspace.pulumi("state", "unprotect", "--all", "--yes", "--stack", stack, quiet=True)
    spare = [] if purge else ["--exclude-protected"]
    with steps.step(" ".join(["pulumi destroy", *spare]), prints=True):
        workspace.pulumi("destroy", *steps.UNASKED, *spare, "--stack", stack)
    if purge:
        workspace.pulumi("stack", "rm", "--yes", stack, quiet=True)
        steps.console.print(f"Nothing of the stack {stack} is left.")
        return
    kept = pods.claims(wanted.kubernetes, workspace) if on_cluster else engine.volumes(stack)
    if kept:
        steps.console.print("Kept, with their secrets in the stack's state:")
        for volume in kept:
            steps.console.print(f"  {volume}", markup=False)
        steps.console.print(
            f"make up STACK={stack} finds them again; make down STACK={stack} PURGE=1 removes them."
        )


def _remove_unknown(workspace: Workspace) -> None:
    """Remove what an update that was killed has left running: containers of the stack that its
    state does not know, which would hold the networks for ever. They have no data of their own."""
    known = workspace.identifiers()
    left = engine.unknown(workspace.stack, known)
    # A state that knows nothing is another one than that of what runs here.
    if known and left:
        with steps.step("Remove containers that the stack's state does not know") as report:
            engine.docker("stop", *left)
            engine.docker("rm", "--volumes", *left)
            report(", ".join(left))
