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
from components.settings import SettingsError, stack_name_rules
from operations import steps
from operations.workspace import Workspace

Verb = TypeVar("Verb", bound=Callable[..., None])


class StackName(click.ParamType[str]):
    """A name that Pulumi takes, which also names files and containers."""

    name = "stack"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        for problem in stack_name_rules(value):
            self.fail(f"{value!r} is no name of a stack: {problem.allowed}", param, ctx)
        return value


stack_option = click.option(
    "--stack", type=StackName(), default="dev", show_default=True, help="The stack."
)


@click.group()
def main() -> None:
    """Operate a stack of the AI decision platform."""


@main.command()
@stack_option
def up(stack: str) -> None:
    """Everything from a fresh machine to a healthy stack."""
    from operations.up import up

    up(stack)


@main.command()
@stack_option
@click.option("--purge", is_flag=True, help="Remove the data volumes and their secrets too.")
def down(stack: str, purge: bool) -> None:
    """Take the stack down; data volumes and their secrets stay."""
    from operations.down import down

    down(Workspace.of(stack), purge=purge)


@main.command()
@stack_option
def status(stack: str) -> None:
    """Each service, its health and its endpoint; exit status 1 where one is not well."""
    from operations.status import status

    sys.exit(0 if status(stack) else 1)


@main.command()
@stack_option
def env(stack: str) -> None:
    """Shell commands that set up plain `pulumi`."""
    for name, value in Workspace.of(stack).variables.items():
        click.echo(f"export {name}={shlex.quote(value)}")


@main.command()
@stack_option
def images(stack: str) -> None:
    """Build the images that a stack builds from source; for a cluster, push them."""
    from operations.images import images

    images(stack)


@main.command()
@click.option("--base", default="origin/main", show_default=True, help="What to compare with.")
@click.option("--deployed", is_flag=True, help="Compare with what is deployed instead.")
@click.option(
    "--stack", "stacks", type=StackName(), multiple=True, default=("dev", "prod"), show_default=True
)
@click.option("--summary", type=click.Path(path_type=Path), help="Append it here as Markdown.")
def plan(base: str, deployed: bool, stacks: tuple[str, ...], summary: Path | None) -> None:
    """What this tree changes in each stack; exit status 1 where one cannot be planned."""
    from operations.plan import plan

    sys.exit(0 if plan(None if deployed else base, stacks, summary) else 1)


def port_option(name: str) -> Callable[[Verb], Verb]:
    """A port on 127.0.0.1; `make cluster API_PORT=7443` sets the variable of that name."""
    usual, variable = getattr(Ports(), name), f"{name.upper()}_PORT"
    return click.option(f"--{name}-port", name, envvar=variable, type=int, default=usual)


@main.command()
@port_option("api")
@port_option("registry")
@port_option("http")
@port_option("https")
@click.option(
    "--nodes",
    envvar="NODES",
    type=click.IntRange(1, 9),
    help="How many nodes; without it a cluster that is there keeps its own, and a new one gets 1.",
)
def cluster(nodes: int | None, **ports: int) -> None:
    """A Kubernetes cluster on this machine, to try stacks on."""
    from operations import cluster

    cluster.up(cluster.local_cluster(Ports(**ports)), nodes)


@main.command()
def cluster_down() -> None:
    """Take the cluster away, with all that is in it."""
    from operations import cluster

    cluster.down(cluster.local_cluster())


@main.command()
def reference() -> None:
    """Write docs/configuration.md and the stack files' JSON Schema from the settings."""
    from operations.reference import write

    for path in write():
        click.echo(path)


@main.command()
def tools() -> None:
    """Have promtool and amtool, which `make test` asks, on this machine."""
    from airgap import tools
    from operations.workspace import cache_directory

    tools.ensure(cache_directory() / "bin", click.echo)


def failed(error: subprocess.CalledProcessError) -> str:
    """What a user reads of a program that failed; what it printed to the terminal stands above."""
    said = (error.stderr or error.stdout or "").strip()
    if said:
        return f"{shlex.join(error.cmd)}\nfailed with exit code {error.returncode}\n{said}"
    return (
        f"{error.cmd[0]} failed with exit code {error.returncode}: what it said is above.\n"
        'Plain pulumi, such as pulumi cancel, first needs eval "$(make -s env)".'
    )


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        steps.errors.print(failed(error), markup=False, soft_wrap=True)
        sys.exit(1)
    except (AirgapError, FileNotFoundError, SettingsError) as error:
        steps.errors.print(str(error), markup=False, soft_wrap=True)
        sys.exit(1)
