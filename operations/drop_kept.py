"""Give up one volume or secret that the stack file no longer has; the next `up` removes it."""

from typing import Literal

import click

from components.settings import nearest
from operations import kept, last_backup, last_copies, losses, steps
from operations.down import prepared
from operations.kept import Kept
from operations.plan.previews import PreviewError
from operations.workspace import Workspace


def drop(
    workspace: Workspace,
    kind: Literal["volume", "secret"],
    name: str,
    *,
    confirmed: bool,
    without_backup: bool = False,
) -> None:
    """Take the protection from what the stack file no longer has. Ask for its name first.

    The databases of a production stack need a verified backup that survives, and the files of a
    service a copy, unless `without_backup`.
    """
    stack = workspace.stack
    if not name:
        raise click.UsageError(
            f"set {kind.upper()} to a name. make up STACK={stack} names what the stack file no "
            "longer has."
        )
    settings, _ = prepared(workspace)
    kept.expect_pulumi(workspace)
    item = _item(workspace, kind, name)
    _expect_unused(workspace, item)
    steps.console.print(
        f"This gives up {item} of the stack {stack}. The next make up removes it, and nothing can "
        "bring it back.",
        markup=False,
        soft_wrap=True,
    )
    losses.show(workspace, settings, [item])
    if item.has_databases and settings.in_production:
        last = last_backup.find(workspace, settings)
        last_backup.expect(stack, last, without_backup=without_backup)
    if settings.in_production:
        copies = last_copies.find(workspace, settings, [item])
        last_copies.expect(stack, copies, without_backup=without_backup)
    if not confirmed and click.prompt(f"Type the {kind}'s name to give it up") != name:
        raise click.ClickException("that is another name. Nothing was changed.")
    workspace.pulumi("state", "unprotect", item.urn, "--yes", "--stack", stack, quiet=True)
    steps.console.print(
        f"make up STACK={stack} now removes {item}. Until then it is kept as it is, and protected "
        "again if the stack file needs it again.",
        markup=False,
        soft_wrap=True,
    )


def _item(workspace: Workspace, kind: str, name: str) -> Kept:
    items = [item for item in kept.kept(workspace) if item.kind == kind]
    names = {item.short: item for item in items} | {item.name: item for item in items}
    if name not in names:
        likely = nearest(name, names)
        hint = f" The nearest name is {likely}." if likely else ""
        raise click.ClickException(
            f"the stack {workspace.stack} keeps no {kind} {name}. Nothing was changed.{hint}"
        )
    return names[name]


def _expect_unused(workspace: Workspace, item: Kept) -> None:
    try:
        with steps.step("Preview"):
            unused = kept.no_longer_named(workspace)
    except PreviewError as error:
        raise click.ClickException(f"{error}\nNothing was changed.") from None
    if item not in unused:
        raise click.ClickException(
            f"the stack file still has {item}. Nothing was changed. Remove what needs it from "
            f"{workspace.config.name} first."
        )
