"""Start a stack: install what this machine lacks, then run `pulumi up`."""

from collections.abc import Collection

import click
from rich.table import Table

from airgap import engine, images, wheels
from components.catalogue import Catalogue
from components.settings import Settings
from operations import (
    destination,
    kept,
    kubernetes_stack,
    machine_choices,
    pulumi_installation,
    stack_file,
    steps,
    untracked,
)
from operations.docker_stack import volumes
from operations.images import builds
from operations.plan.previews import Deployed, PreviewError, deployed
from operations.untracked import Existing
from operations.workspace import ROOT, Workspace


def up(stack: str, *, yes: bool = False) -> None:
    """Run every step in order, and then `pulumi up`. On a cluster the user must agree to the plan,
    unless `yes` says so."""
    start = steps.now()
    workspace = Workspace.of(stack)
    settings = stack_file.open_stack(workspace)
    on_docker = settings.target == "docker"
    if on_docker:
        prepare_docker(workspace.name, settings)
    else:
        with steps.step("Pulumi") as report:
            pulumi_installation.ensure("kubernetes", machine_choices.for_clusters(report), report)
        kubernetes_stack.expect_own_plugin(settings, workspace)
        place = destination.find(settings.kubernetes, workspace)
    with steps.step("State") as report:
        resumes = workspace.prepare()
        login = "the backend that you are logged in to"
        report(workspace.variables.get("PULUMI_BACKEND_URL", login))
    if on_docker:
        existing = untracked.existing(workspace)
        tracked = workspace.identifiers()
        _expect_own_stack(workspace, existing, tracked)
        untracked.remove(workspace, existing, tracked)
        if _has_data(workspace):
            _preview(workspace)
    else:
        if resumes:
            kubernetes_stack.expect_own_objects(settings.kubernetes, workspace)
        elif not workspace.identifiers():
            kubernetes_stack.expect_new_stack(settings.kubernetes, workspace)
        destination.confirm(workspace, place, _preview(workspace), yes=yes)
        workspace = kubernetes_stack.bound_to(workspace, place.uid)
    with steps.step(f"pulumi up -s {stack}", prints=True):
        update(workspace, refresh=on_docker or resumes, adopt=resumes)
    steps.console.print(_table(workspace))
    steps.console.print(
        f"Up in {steps.now() - start:.0f} s.\n"
        f"Logins:          pulumi stack output logins --show-secrets --stack {stack}\n"
        'In a new shell:  run eval "$(make -s env)" before pulumi',
        markup=False,
    )


def update(workspace: Workspace, *, refresh: bool, adopt: bool = False) -> None:
    """Run `pulumi up`; on a Docker engine with a refresh, which detects rebuilt images, and
    containers that have stopped. After a killed update the refresh detects on a cluster what that
    update removed, such as a claim.

    The refresh takes the versions of the plugins from the program, because the versions in the
    state may no longer be installed. With `adopt`, objects that a killed update created on a
    cluster become part of the state; otherwise the plugin rejects them from version 4.29 on.
    """
    options = ["--refresh", "--run-program"] if refresh else []
    if adopt:
        workspace = kubernetes_stack.adopting(workspace)
    workspace.pulumi("up", *steps.NON_INTERACTIVE, *options, "--stack", workspace.stack)
    workspace.resumed()


def prepare_docker(stack: str, settings: Settings) -> None:
    """Prepare Pulumi, the engine, and the images and wheels where no image registry answers."""
    with steps.step("Choose the sources for this machine") as report:
        choices = machine_choices.for_docker(stack, report)
    with steps.step("Pulumi") as report:
        pulumi_installation.ensure("docker", choices.plugins, report)
    with steps.step("Docker Engine") as report:
        engine.ensure(report)
    if choices.catalogue == "debian":
        with steps.step("Images from Debian's packages") as report:
            images.ensure(report, images.needed(settings))
        with steps.step("Wheels for what is built from source") as report:
            for build in builds(settings, Catalogue(settings)):
                wheels.ensure(ROOT / build.context, build.dockerfile, report)


def _expect_own_stack(workspace: Workspace, existing: Existing, tracked: Collection[str]) -> None:
    """Raise ClickException where the engine runs this stack and the state is empty.

    An update would create the resources whose names are free and fail for the others. `make down`
    would then regard the running containers as leftovers of that update, and remove them.
    """
    stack = workspace.stack
    names = [*sorted(existing.containers.values()), *volumes(workspace.name)]
    if names and not tracked:
        raise click.ClickException(
            f"this engine already runs a stack {stack}, but the current Pulumi state is empty. The "
            f"engine has {', '.join(names)}. Nothing was changed. Use the state that the stack "
            "was created with: run as the same user, or set PULUMI_BACKEND_URL. If that state is "
            "lost, the passwords of the volumes are lost too. In that case remove the stack's "
            "containers, networks and volumes by name."
        )


def _has_data(workspace: Workspace) -> bool:
    return any(resource.get("protect") for resource in workspace.resources().values())


def _preview(workspace: Workspace) -> Deployed:
    """The plan of the update. Raises ClickException where the preview fails.

    It fails if the update would remove data that the stack file no longer names. Without it, the
    update would remove other resources first. A cluster also refuses fields that it cannot change.
    """
    try:
        with steps.step("Preview"):
            return deployed(workspace)
    except PreviewError as error:
        raise click.ClickException("\n".join(kept.refused(workspace, error))) from None


def _table(workspace: Workspace) -> Table:
    table = Table("service", "URL", box=None, pad_edge=False)
    for name, url in workspace.outputs()["endpoints"].items():
        table.add_row(name, url or "not available")
    return table
