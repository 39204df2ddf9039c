"""From a fresh machine to a healthy stack: ordered steps, each printed with its time."""

import click
from rich.table import Table

from airgap import engine, images, wheels
from operations import choice, pods, programs, stack_file, steps
from operations.engine import unknown, volumes
from operations.workspace import ROOT, Workspace


def up(stack: str) -> None:
    """Everything that is missing, in order, and then `pulumi up`."""
    begun = steps.now()
    workspace = Workspace.of(stack)
    settings = stack_file.settings(workspace)
    on_docker = settings.target == "docker"
    if on_docker:
        _ready_docker(stack)
    else:
        with steps.step("Pulumi") as report:
            programs.ensure("kubernetes", choice.for_clusters(report), report)
        pods.expect_own_plugin(settings, workspace)
    with steps.step("State") as report:
        workspace.prepare()
        own = "the backend that you are logged in to"
        report(workspace.variables.get("PULUMI_BACKEND_URL", own))
    if on_docker and settings.docker.host is None:  # `docker` asks this machine's engine
        _expect_own_stack(workspace)
    with steps.step(f"pulumi up -s {stack}", prints=True):
        update(workspace, refresh=on_docker)
    steps.console.print(_table(workspace))
    steps.console.print(
        f"Up in {steps.now() - begun:.0f} s.\n"
        f"Logins:          pulumi stack output logins --show-secrets --stack {stack}\n"
        'In a new shell:  eval "$(make -s env)", and then plain pulumi',
        markup=False,
    )


def update(workspace: Workspace, *, refresh: bool) -> None:
    """Run `pulumi up`; on an engine with a refresh, which finds images that were renewed.

    The refresh asks the program for its plugins: those that the state names may be gone. It forgets
    that a container failed to start: it finds it running, and an update would leave it as it is. So
    those that failed before and are still there are replaced.
    """
    stack = ("--stack", workspace.stack)
    failed = workspace.failed() if refresh else []
    if failed:
        workspace.pulumi("refresh", *steps.UNASKED, "--run-program", *stack)
        still = workspace.resources()
        options = [word for urn in failed if urn in still for word in ("--replace", urn)]
    else:
        options = ["--refresh", "--run-program"] if refresh else []
    workspace.pulumi("up", *steps.UNASKED, *options, *stack)


def _ready_docker(stack: str) -> None:
    """An engine, the images that can not be pulled, and what is built from package registries."""
    with steps.step("What to use on this machine") as report:
        chosen = choice.for_docker(stack, report)
    with steps.step("Pulumi") as report:
        programs.ensure("docker", chosen.plugins, report)
    with steps.step("Docker Engine") as report:
        engine.ensure(report)
    if chosen.catalogue == "debian":
        with steps.step("Images from Debian's packages") as report:
            images.ensure(report)
        with steps.step("Wheels for the reference services") as report:
            for service in ("api", "decision"):
                context = ROOT / "images" / service
                wheels.download(context / "requirements.txt", context / "wheels", report)


def _expect_own_stack(workspace: Workspace) -> None:
    """ClickException where the engine runs this stack and the state is empty.

    An update would create what has a free name and fail at the rest. `make down` would then take
    the running containers for leftovers of that update, and remove them.
    """
    stack = workspace.stack
    existing = [*unknown(stack, ()), *volumes(stack)]
    if existing and not workspace.identifiers():
        raise click.ClickException(
            f"this engine already has a stack {stack}, but the Pulumi state in use is empty. It "
            f"has {', '.join(existing)}. Nothing was changed. Use the state that the stack was "
            "created with: that user's, or PULUMI_BACKEND_URL. If that state is lost, so are the "
            "passwords of the volumes: remove the stack's containers, networks and volumes by name."
        )


def _table(workspace: Workspace) -> Table:
    table = Table("service", "URL", box=None, pad_edge=False)
    for name, url in workspace.outputs()["endpoints"].items():
        table.add_row(name, url or "not published")
    return table
