"""Restore an operator's cluster: a new cluster, of a new or a lost stack, starts from the bucket.

CloudNativePG does not restore a cluster in place. What a new one starts from is in its stack file
(`data.backup.operator.recover`), because it is a part of what is deployed. The verb checks it and
runs `up`, and otherwise says what to write.
"""

from dataclasses import dataclass

import click

from components.settings import Backup, Recover, Settings
from operations import database_server, questions, stack_file, steps
from operations.operator_backups import makes, objects
from operations.restore import rows
from operations.restore.request import Request
from operations.up import up
from operations.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Target:
    """The stack whose new cluster is to start from the bucket."""

    workspace: Workspace
    settings: Settings

    @property
    def name(self) -> str:
        return self.workspace.stack

    @property
    def file(self) -> str:
        return self.workspace.config.name


def restore(
    workspace: Workspace, settings: Settings, wish: Request, into: str | None, *, yes: bool
) -> None:
    """Start the cluster of a stack without one from a backup of the workspace's stack."""
    target = Target(workspace=workspace, settings=settings)
    if into:
        other = Workspace.of(into)
        target = Target(workspace=other, settings=stack_file.settings(other))
        _expect_same_bucket(workspace, settings, target)
    source = settings if into else None
    recover = objects.own(target.settings).recover
    fits = recover is not None and _asked_for(recover, wish, source)
    if into and not fits:
        raise click.ClickException(_to_write(target, wish, source))
    target.workspace.prepare()
    store = objects.of(target.workspace, target.settings)
    if store.cluster() is not None:
        raise click.ClickException(_in_place(target, wish, source))
    # With backups of its own, a new cluster of this name would not be allowed to archive.
    if recover is None or not fits or store.archived():
        raise click.ClickException(_to_write(target, wish, source))
    steps.console.print(
        f"This starts the database of {target.name} from {_words(recover)} of the cluster that "
        f"archives as {recover.server_name}. The stack has no cluster now.",
        markup=False,
        soft_wrap=True,
    )
    questions.confirm(f"Start the stack {target.name} from it?", yes=yes)
    if target.workspace.resources():
        # The state may still have the cluster that is lost.
        with steps.step("pulumi refresh", prints=True):
            target.workspace.pulumi("refresh", *steps.NON_INTERACTIVE, "--stack", target.name)
    up(target.name, yes=yes)
    server = database_server.of(target.workspace, target.settings)
    steps.console.print(rows.table(rows.present(server)))


def _expect_same_bucket(workspace: Workspace, settings: Settings, target: Target) -> None:
    """Raise ClickException where the other stack would not find the backups."""
    if not makes(target.settings):
        raise click.ClickException(
            f"{target.name} has no bucket with CloudNativePG's backups (data.mode: cloudnative-pg, "
            "data.backup.offsite). Nothing was changed. Only a new cluster of that operator can "
            f"start from those of {workspace.stack}."
        )
    if _bucket(settings.data.backup) != _bucket(target.settings.data.backup):
        raise click.ClickException(
            f"data.backup.offsite of {target.name} is not the bucket of {workspace.stack}. Nothing "
            "was changed. Both need the same endpoint, bucket and prefix."
        )


def _bucket(backup: Backup | None) -> tuple[str | None, ...]:
    offsite = backup.offsite if backup else None
    return (offsite.endpoint, offsite.bucket, offsite.prefix) if offsite else ()


def _asked_for(recover: Recover, wish: Request, source: Settings | None) -> bool:
    """Whether the stack file says what the command asks for. A command that asks for nothing takes
    what the file says."""
    other = source is not None and recover.server_name != objects.own(source).server_name
    moment = wish.at is not None and recover.at != _moment(wish)
    backup = wish.backup is not None and recover.backup != wish.backup
    return not (other or moment or backup)


def _words(recover: Recover) -> str:
    if recover.at:
        return f"the state of {recover.at}"
    return f"the base backup {recover.backup}" if recover.backup else "the newest state"


def _moment(wish: Request) -> str | None:
    return f"{wish.at:%Y-%m-%dT%H:%M:%SZ}" if wish.at else None


def _to_write(target: Target, wish: Request, source: Settings | None) -> str:
    return (
        f"{target.file} does not say that the cluster of {target.name} starts from this backup. "
        f"Nothing was changed. Write this into it, and run the command again:\n"
        f"{_lines(target, wish, source)}"
    )


def _in_place(target: Target, wish: Request, source: Settings | None) -> str:
    if source:
        return (
            f"the stack {target.name} has a cluster already, and CloudNativePG starts only a new "
            "one from a backup. Nothing was changed. INTO names a stack that is not up yet."
        )
    namespace, name = target.settings.kubernetes.namespace, target.name
    return (
        f"the stack {name} has a cluster, and CloudNativePG does not restore in place: it starts a "
        "new cluster from a backup. Nothing was changed.\n"
        "To look at a backup first, or to go on with it elsewhere, start a second stack from it: "
        f"make restore STACK={name} INTO=another\n"
        "To replace this cluster, which removes its present data:\n"
        f"1. make backup STACK={name}, and make backups STACK={name} must say that the log reaches "
        "the bucket.\n"
        f"2. Write into {target.file}:\n{_lines(target, wish, source)}\n"
        f"3. kubectl -n {namespace} delete clusters.postgresql.cnpg.io {objects.CLUSTER}\n"
        f"4. make restore STACK={name}"
    )


def _lines(target: Target, wish: Request, source: Settings | None) -> str:
    """What the stack file needs."""
    own = objects.own(target.settings).server_name
    archived = objects.own(source or target.settings).server_name
    # A new cluster must not write into the backups that it starts from.
    if own == archived:
        own = f"{own}-2"
    chosen = {"at": _moment(wish), "backup": wish.backup}
    lines = [
        "  ai-platform:data:",
        "    backup:",
        "      operator:",
        f"        server_name: {own}",
        "        recover:",
        f"          server_name: {archived}",
        *(f'          {key}: "{value}"' for key, value in chosen.items() if value),
    ]
    return "\n".join(lines)
