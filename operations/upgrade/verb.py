"""`make upgrade-database`: move a stack's databases to another major version, or back.

The old server runs until a whole copy of its data has been compared with it. Until then a failure
changes nothing. Then the state lets the old volume go, and from that moment on every `make up` goes
on with the new one. So a run that was interrupted is finished by the next one.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import click

from components.settings import Upgrade
from operations import (
    backups,
    destination,
    kubernetes_stack,
    machine_choices,
    pulumi_installation,
    questions,
    stack_file,
    steps,
    units,
    up,
)
from operations.plan.previews import PreviewError, deployed
from operations.restore import rest
from operations.upgrade import report, volumes
from operations.upgrade import stack as stacks
from operations.upgrade.stack import HEALTHY, Stack
from operations.workspace import Workspace

_SIZE = """\
SELECT count(*), sum(pg_database_size(oid))
FROM pg_database WHERE datallowconn AND datname <> 'template1';
"""


def upgrade_database(name: str, to: int, *, yes: bool) -> None:
    """Move the databases of a stack to the version of its stack file, which `to` confirms."""
    workspace = Workspace.of(name)
    settings = stack_file.open_stack(workspace)
    stacks.expect_version(settings, to)
    if settings.target == "docker":
        up.prepare_docker(workspace.name, settings)
    else:
        with steps.step("Pulumi") as told:
            pulumi_installation.ensure("kubernetes", machine_choices.for_clusters(told), told)
        kubernetes_stack.expect_own_plugin(settings, workspace)
        place = destination.find(settings.kubernetes, workspace)
        workspace = kubernetes_stack.bound_to(workspace, place.uid)
    resumes = workspace.prepare()
    move(stacks.of(workspace, settings), yes=yes, adopt=resumes)


def move(stack: Stack, *, yes: bool, adopt: bool = False) -> None:
    """Move the databases of a prepared stack. `adopt`: the last update was killed."""
    if stack.before == stack.to:
        steps.console.print(
            f"The data of {stack.name} is of PostgreSQL {stack.to}. What an interrupted run left "
            "undone is done now.",
            soft_wrap=True,
        )
        _serve(stack, adopt=adopt)
    elif stack.before < stack.to:
        _upgrade(stack, yes=yes)
    else:
        _go_back(stack, yes=yes)


def _upgrade(stack: Stack, *, yes: bool) -> None:
    begin = steps.now()
    copying = _copying(stack)
    _expect_nothing_else(stack, copying)
    ((databases, size),) = stack.server().rows(_SIZE)
    workloads = stack.workloads()
    steps.console.print(
        f"This copies the {databases} databases of {stack.name} ({units.size(int(size))}) from "
        f"PostgreSQL {stack.before} to {stack.to}, into a new volume. Meanwhile these stop: "
        f"{', '.join(workloads.running(stack.writers())) or 'nothing, because nothing runs'}. The "
        "present data is only read, and its volume is kept.",
        markup=False,
        soft_wrap=True,
    )
    questions.confirm(f"Upgrade the databases of {stack.name} to {stack.to}?", yes=yes)
    if part := stack.backup_part():
        with steps.step("Base backup of the present server") as told:
            told(str(backups.run(part, "now")["id"]))
    away = steps.now()
    try:
        _copy(stack, copying)
    except BaseException:
        _give_up(stack)
        raise
    with steps.step(f"Let the volume {stack.volume} go, which stays as it is"):
        _let_go(stack)
    _serve(stack)
    report.show_upgrade(stack, total=steps.now() - begin, away=steps.now() - away)


def _copying(stack: Stack) -> Workspace:
    """The workspace for an update that copies the data, and changes nothing else."""
    run = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
    upgrade = Upgrade(before=stack.before, to=stack.to, run=run)
    environment = {**stack.workspace.environment, **upgrade.variables}
    return replace(stack.workspace, environment=environment)


def _expect_nothing_else(stack: Stack, copying: Workspace) -> None:
    """Raise ClickException where the update would change more than the copy needs. It would start
    what must stand still."""
    with steps.step("Preview"):
        try:
            plan = deployed(copying)
        except PreviewError as error:
            raise click.ClickException(
                f"{error}\nThe preview failed, and nothing was changed."
            ) from None
    names = {urn.rpartition("::")[2] for urn in plan.steps}
    if others := sorted(name for name in names if volumes.SERVER not in name):
        raise click.ClickException(
            f"the stack file has changes besides data.version, of {', '.join(others)}. Nothing was "
            f"changed. Set data.version: {stack.before}, run make up STACK={stack.name}, and then "
            "begin again."
        )


def _copy(stack: Stack, copying: Workspace) -> None:
    workloads = stack.workloads()
    with steps.step("Stop what writes to the databases") as told:
        writers = workloads.running(stack.writers())
        workloads.stop(writers)
        told(", ".join(writers) or "nothing runs")
    with steps.step(f"Copy to PostgreSQL {stack.to}, and compare", prints=True):
        steps.console.print(f"  The progress: {report.progress(stack)}", markup=False)
        up.update(copying, refresh=False)


def _give_up(stack: Stack) -> None:
    """The old server still runs, and nobody has changed its data."""
    steps.errors.print(
        f"PostgreSQL {stack.before} goes on. The unfinished copy is removed by the next run, or by "
        f"make up STACK={stack.name} with data.version: {stack.before}.",
        markup=False,
        soft_wrap=True,
    )
    with suppress(KeyboardInterrupt):
        _start(stack)


def _let_go(stack: Stack) -> None:
    """From now on the stack's data is that in the new volume."""
    volume = volumes.stored_as(stack.settings, stack.to)
    then = {volume: volumes.readable(stack.to)}
    volumes.change_state(stack.workspace, lambda state: volumes.let_go(state, stack.volume, then))


def _serve(stack: Stack, *, adopt: bool = False) -> None:
    """Bring the stack up with the volume that its state has, start what was stopped, and go on with
    backups."""
    with steps.step(f"pulumi up -s {stack.name}", prints=True):
        up.update(stack.workspace, refresh=stack.on_docker, adopt=adopt)
    _start(stack)
    if part := stack.backup_part():
        with steps.step(f"Base backup of PostgreSQL {stack.to}") as told:
            rest.stream_again(part)
            told(str(backups.run(part, "now")["id"]))


def _start(stack: Stack) -> None:
    workloads = stack.workloads()
    with steps.step("Start what was stopped") as told:
        stopped = workloads.stopped()
        names = [name for name in stack.writers() if name in stopped]
        workloads.start(names)
        workloads.wait(names, HEALTHY)
        told(", ".join(names) or "all runs")


def _go_back(stack: Stack, *, yes: bool) -> None:
    """Serve the volume again that an upgrade has replaced, with the data that it had then."""
    former = volumes.stored_as(stack.settings, stack.to)
    if not any(volume.endswith(f"-{former}") for volume in stack.kept_volumes()):
        raise click.ClickException(
            f"the data is of PostgreSQL {stack.before}, and no volume with data of {stack.to} is "
            "left. PostgreSQL cannot bring data to an earlier version."
        )
    steps.console.print(
        f"This goes back to PostgreSQL {stack.to}, with the data of the stack {stack.name} from "
        "before the upgrade. What was written since then is left out. It stays in the volume "
        f"{stack.volume}.",
        markup=False,
        soft_wrap=True,
    )
    questions.confirm(f"Go back to PostgreSQL {stack.to}?", yes=yes)
    workloads = stack.workloads()
    with steps.step("Stop what writes to the databases") as told:
        writers = workloads.running(stack.writers())
        workloads.stop(writers)
        told(", ".join(writers) or "nothing runs")
    with steps.step(f"Let the volume {stack.volume} go, which stays as it is"):
        then = {former: volumes.readable(stack.to)}
        volumes.change_state(
            stack.workspace, lambda state: volumes.let_go(state, stack.volume, then)
        )
    _serve(stack, adopt=not stack.on_docker)
