"""Remove a stack with its data and the secrets of the data, once the user has typed its name.

What the state protects stays protected until it is gone, so that a purge that is killed leaves the
rest as it was. It removes what has no data first, then the data, and then the secrets. A volume is
never left without the secrets that open it: the next `up` can use it, with new volumes for those
that are gone.
"""

from operations import kept, last_backup, last_copies, losses, questions, replaced_volumes, steps
from operations.down import destroy, end, prepared, show_running
from operations.kept import IGNORE_PROTECT
from operations.last_backup import LastBackup
from operations.workspace import Workspace


def purge(workspace: Workspace, *, confirmed: str | None, without_backup: bool = False) -> None:
    """Show what is lost, and remove the stack. `confirmed` is its name, if the caller typed it.

    Data of a production stack needs a verified backup that survives, and copies of the files of its
    services, unless `without_backup`.
    """
    stack = workspace.stack
    settings, place = prepared(workspace)
    kept.expect_pulumi(workspace)
    if place:
        show_running(workspace, settings, place)
    items = kept.kept(workspace)
    steps.console.print(f"PURGE=1 removes the stack {stack} with its data for good:", markup=False)
    replaced = replaced_volumes.read(workspace, settings)
    losses.show(workspace, settings, items, replaced)
    last = LastBackup()
    if replaced or any(map(losses.in_backups, items)):
        last = last_backup.find(workspace, settings)
        steps.console.print(str(last), markup=False, soft_wrap=True)
        if settings.in_production:
            last_backup.expect(stack, last, without_backup=without_backup)
    copies = last_copies.find(workspace, settings, items)
    for copy in copies:
        steps.console.print(str(copy), markup=False, soft_wrap=True)
    if settings.in_production:
        last_copies.expect(stack, copies, without_backup=without_backup)
    questions.expect_stack_name(stack, "Type the stack's name to remove it all", given=confirmed)
    last_backup.remember(workspace, last)
    end(workspace, settings)
    if data := [item.urn for item in items if not item.is_secret]:
        targets = (option for urn in data for option in ("--target", urn))
        destroy(workspace, IGNORE_PROTECT, *targets, title="pulumi destroy the data")
    if replaced:
        with steps.step("Remove the volumes that upgrades have replaced"):
            for name in replaced:
                replaced_volumes.remove(workspace, settings, name)
    destroy(workspace, IGNORE_PROTECT, title="pulumi destroy the secrets")
    workspace.pulumi("stack", "rm", "--yes", stack, quiet=True)
    workspace.resumed()
    steps.console.print(f"The stack {stack} and its data are removed.", markup=False)
