"""What an upgrade of the databases says on the terminal."""

from rich.table import Table

from components.addresses import PROJECT, host_name
from components.data import upgrade
from components.derived_names import try_name
from operations import steps
from operations.upgrade.stack import Stack

# The server has renamed the file of the copy at its first start (database/first-start/start.sh).
_ROWS = 'cat "${PGDATA%/*}/upgraded"'


def progress(stack: Stack) -> str:
    """The command that shows how far a copy is."""
    if stack.on_docker:
        return f"docker logs --follow {PROJECT}-{stack.workspace.name}-{try_name(upgrade.JOB, 1)}"
    namespace = stack.settings.kubernetes.namespace
    return f"kubectl logs --follow -n {namespace} -l app.kubernetes.io/name={upgrade.JOB}"


def show_upgrade(stack: Stack, *, total: float, away: float) -> None:
    """Show the rows of each table as they were compared, how long it took, and what remains."""
    table = Table("database", "table", "rows", box=None, pad_edge=False)
    for line in stack.server().inside.run(["sh", "-c", _ROWS]).splitlines():
        table.add_row(*line.split("\t"))
    steps.console.print(table)
    volume = stack.volume
    kept = f"{PROJECT}-{stack.workspace.name}-{volume}" if stack.on_docker else host_name(volume)
    steps.console.print(
        f"\nThe databases of {stack.name} are of PostgreSQL {stack.to}, and every row was compared "
        f"with the old server. It took {total:.0f} s; the services were away for {away:.0f} s.\n"
        f"The data of PostgreSQL {stack.before} is kept in the volume {kept}. While it exists, "
        f"data.version: {stack.before} and make upgrade-database STACK={stack.name} "
        f"TO={stack.before} go back to it. make drop-replaced STACK={stack.name} removes it.",
        markup=False,
        soft_wrap=True,
    )
