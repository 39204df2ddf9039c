"""The verbs of the Makefile."""

import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from airgap.command import AirgapError
from cluster.local_cluster import Ports
from components.settings import SettingsError
from operations import data_verbs, steps
from operations.options import StackName, stack_option, without_backup_option
from operations.workspace import ROOT, Workspace

Verb = TypeVar("Verb", bound=Callable[..., None])


@click.group()
def main() -> None:
    """Operate a stack of the AI decision platform."""


for command in data_verbs.COMMANDS:
    main.add_command(command)


@main.command()
@stack_option
@click.option("--yes", is_flag=True, help="On a cluster, show the plan but do not ask.")
def up(stack: str, yes: bool) -> None:
    """Start a stack: install what this machine lacks, then run `pulumi up`."""
    from operations.up import up

    up(stack, yes=yes)


@main.command()
@stack_option
@click.option("--yes", is_flag=True, help="On a cluster, show what ends but do not ask.")
@click.option("--purge", is_flag=True, help="Remove the data volumes and their secrets as well.")
@click.option("--confirm", help="The stack's name, for --purge; without it the verb asks for it.")
@without_backup_option
def down(stack: str, yes: bool, purge: bool, confirm: str | None, without_backup: bool) -> None:
    """Remove a stack, but keep its data volumes and their secrets."""
    from operations.down import down
    from operations.purge import purge as remove

    if purge:
        remove(Workspace.of(stack), confirmed=confirm, without_backup=without_backup)
    else:
        down(Workspace.of(stack), yes=yes)


@main.command()
@stack_option
def status(stack: str) -> None:
    """Show the health and the endpoint of each service; exit with 1 if a service is not healthy."""
    from operations.status import status

    sys.exit(0 if status(stack) else 1)


@main.command()
@stack_option
def env(stack: str) -> None:
    """Print the shell commands that set up plain `pulumi`."""
    workspace = Workspace.of(stack)
    workspace.create_state()
    for name, value in workspace.variables.items():
        click.echo(f"export {name}={shlex.quote(value)}")


@main.command()
@stack_option
def images(stack: str) -> None:
    """Build the images that a stack builds from source; for a cluster, push them as well."""
    from operations.images import images

    images(stack)


@main.command()
@stack_option
def lock(stack: str) -> None:
    """Write the digests of the official images, and show which versions are still supported."""
    from operations.lock import lock

    lock(stack)


@main.command()
@click.option(
    "--base", default="origin/main", show_default=True, help="The git ref to compare with."
)
@click.option("--deployed", is_flag=True, help="Compare with the deployed stack instead.")
@click.option(
    "--stack", "stacks", type=StackName(), multiple=True, default=("dev", "prod"), show_default=True
)
@click.option(
    "--summary", type=click.Path(path_type=Path), help="Append the result to this file as Markdown."
)
def plan(base: str, deployed: bool, stacks: tuple[str, ...], summary: Path | None) -> None:
    """Show what this tree changes in each stack; exit with 1 if a stack cannot be planned."""
    from operations.plan import plan

    sys.exit(0 if plan(None if deployed else base, stacks, summary) else 1)


def port_option(name: str) -> Callable[[Verb], Verb]:
    """The option for a port on 127.0.0.1; `make cluster API_PORT=7443` sets its variable."""
    default, variable = getattr(Ports(), name), f"{name.upper()}_PORT"
    return click.option(f"--{name}-port", name, envvar=variable, type=int, default=default)


@main.command()
@port_option("api")
@port_option("registry")
@port_option("http")
@port_option("https")
@click.option(
    "--nodes",
    envvar="NODES",
    type=click.IntRange(1, 9),
    help="Number of nodes; by default an existing cluster keeps its number, and a new one gets 1.",
)
def cluster(nodes: int | None, **ports: int) -> None:
    """Start a Kubernetes cluster on this machine, to try out stacks."""
    from operations import cluster

    cluster.up(cluster.local_cluster(Ports(**ports)), nodes)


@main.command()
def cluster_down() -> None:
    """Remove the cluster and everything in it."""
    from operations import cluster

    cluster.down(cluster.local_cluster())


@main.command()
def reference() -> None:
    """Write the documents that follow from the code; prints those that were stale."""
    from operations.reference import write

    for path in write():
        click.echo(path.relative_to(ROOT))


@main.command()
def tools() -> None:
    """Install promtool and amtool, which `make test` runs, for this project."""
    from airgap import monitoring_tools
    from operations.workspace import cache_directory

    monitoring_tools.ensure(cache_directory() / "bin", click.echo)


def failure_message(error: subprocess.CalledProcessError) -> str:
    """The message for a program that failed, without the output that is already on the terminal."""
    output = (error.stderr or error.stdout or "").strip()
    if output:
        return f"{shlex.join(error.cmd)}\nfailed with exit code {error.returncode}\n{output}"
    said = f"{error.cmd[0]} failed with exit code {error.returncode}; its output is above."
    if "--stack" not in error.cmd:
        return said
    stack = error.cmd[error.cmd.index("--stack") + 1]
    verb = "the same make down" if "destroy" in error.cmd else f"make up STACK={stack}"
    return (
        f"{said}\nWhen the cause is mended: {verb}. It also continues after a "
        "failed or killed update (docs/interrupted.md).\n"
        'Before you run pulumi yourself, run eval "$(make -s env)", and name the stack: '
        f"pulumi cancel --stack {stack}"
    )


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        steps.errors.print(failure_message(error), markup=False, soft_wrap=True)
        sys.exit(1)
    except (AirgapError, FileNotFoundError, SettingsError) as error:
        steps.errors.print(str(error), markup=False, soft_wrap=True)
        sys.exit(1)
