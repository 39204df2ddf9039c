"""Where `up` of a stack on a cluster goes. It is shown, and the user is asked, before a change."""

from dataclasses import dataclass

import click

from components.settings import Kubernetes
from operations import kubernetes_stack, questions, steps
from operations.plan import terminal
from operations.plan.compare import compare
from operations.plan.outcome import Outcome
from operations.plan.previews import Deployed
from operations.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Destination:
    """A context of the kubeconfig, the cluster's identity and the URL of its API server, and the
    stack's namespace."""

    context: str
    uid: str
    server: str
    namespace: str

    def __str__(self) -> str:
        return f"the cluster at {self.server} (context {self.context}, namespace {self.namespace})"


def find(kubernetes: Kubernetes, workspace: Workspace) -> Destination:
    """The destination of a stack. Raises ClickException if its cluster does not answer.

    It also raises it if no setting names the context, and the current one is that of another stack.
    """
    import pulumi

    from components.targets.kubernetes import try_out

    context = kubernetes_stack.context(kubernetes, workspace)
    cluster = kubernetes_stack.cluster(kubernetes, workspace)
    if kubernetes.context is None:
        try:
            try_out.refuse(context, cluster.server, workspace.stack, name=workspace.name)
        except pulumi.RunError as error:
            raise click.ClickException(str(error)) from None
    return Destination(
        context=context,
        uid=cluster.uid,
        server=cluster.server,
        namespace=kubernetes.namespace,
    )


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
    questions.confirm(question, yes=yes)
