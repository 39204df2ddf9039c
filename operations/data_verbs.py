"""The verbs of the Makefile that care for data: backups, restores, imports, and what is removed."""

import sys
from pathlib import Path

import click

from operations.options import StackName, stack_option, without_backup_option
from operations.workspace import Workspace


@click.command()
@stack_option
def backup(stack: str) -> None:
    """Make a base backup now."""
    from operations.backup import backup

    backup(stack)


@click.command("backups")
@stack_option
def list_backups(stack: str) -> None:
    """List the backups and what can be restored; exit with 1 if something is not well."""
    from operations.backup import list_backups

    sys.exit(0 if list_backups(stack) else 1)


@click.command()
@stack_option
def drill(stack: str) -> None:
    """Restore the newest backup into a scratch server; exit with 1 if it is not whole."""
    from operations.backup import drill

    sys.exit(0 if drill(stack) else 1)


@click.command()
@stack_option
@click.option("--at", help="A time, which is UTC unless it has an offset.")
@click.option("--backup", help="The id of a backup: the state at its end.")
@click.option("--from", "source", help="`offsite` restores from the copy in the bucket.")
@click.option("--into", type=StackName(), help="Another, empty stack that gets the data.")
@click.option("--files", help="A service whose files are restored, instead of the databases.")
@click.option("--yes", is_flag=True, help="Show what it will do, but do not ask.")
def restore(
    stack: str,
    at: str | None,
    backup: str | None,
    source: str | None,
    into: str | None,
    files: str | None,
    yes: bool,
) -> None:
    """Restore the databases of a stack, by default to the newest state."""
    from operations.restore import restore
    from operations.restore_files import restore_files

    if files:
        if backup or into:
            raise click.UsageError("FILES goes with AT and FROM only.")
        restore_files(stack, files, at=at, source=source, yes=yes)
        return

    restore(stack, at=at, backup=backup, source=source, into=into, yes=yes)


@click.command()
@stack_option
@click.option("--name", help="What to remove; without it, the verb lists what there is.")
@click.option("--yes", is_flag=True, help="Do not ask for the name again.")
def drop_replaced(stack: str, name: str | None, yes: bool) -> None:
    """List the data that restores have replaced and kept, or remove it."""
    from operations.replaced import drop_replaced

    drop_replaced(stack, name, confirmed=yes)


@click.command()
@stack_option
@click.option("--to", type=int, required=True, help="The major version, as in the stack file.")
@click.option("--yes", is_flag=True, help="Show what will happen, but do not ask.")
def upgrade_database(stack: str, to: int, yes: bool) -> None:
    """Move the databases to the major version of PostgreSQL that the stack file has."""
    from operations.upgrade import upgrade_database

    upgrade_database(stack, to, yes=yes)


@click.command("import")
@stack_option
@click.option("--service", required=True, help="The service whose database or volume it is for.")
@click.option("--dump", type=click.Path(exists=True, path_type=Path), help="A PostgreSQL dump.")
@click.option(
    "--files", type=click.Path(exists=True, path_type=Path), help="A directory or a tar file."
)
@click.option(
    "--replace", help="The database whose tables go, or the service whose files are overwritten."
)
def import_data(
    stack: str, service: str, dump: Path | None, files: Path | None, replace: str | None
) -> None:
    """Bring data of another deployment into the database or the volume of a service."""
    from operations.import_dump import import_dump
    from operations.import_files import import_files

    if (dump is None) == (files is None):
        raise click.UsageError("set either DUMP, a PostgreSQL dump, or FILES, a directory or tar.")
    if dump:
        import_dump(stack, dump, service, replace=replace)
    if files:
        import_files(stack, files, service, replace=replace)


@click.command()
@stack_option
def databases(stack: str) -> None:
    """List the databases of a stack's server, with the service that uses each."""
    from operations.databases import databases

    databases(stack)


@click.command()
@stack_option
@click.option("--database", required=True, help="The name of the database.")
@click.option("--yes", is_flag=True, help="Do not ask for the name again.")
def drop_database(stack: str, database: str, yes: bool) -> None:
    """Remove a database that no service uses, with its data and its roles."""
    from operations.databases import drop_database

    drop_database(stack, database, confirmed=yes)


@click.command()
@stack_option
@click.option("--volume", required=True, help="The name of the volume or claim.")
@click.option("--yes", is_flag=True, help="Do not ask for the name again.")
@without_backup_option
def drop_volume(stack: str, volume: str, yes: bool, without_backup: bool) -> None:
    """Give up a volume that the stack file no longer has; the next `up` removes it."""
    from operations.drop_kept import drop

    drop(Workspace.of(stack), "volume", volume, confirmed=yes, without_backup=without_backup)


@click.command()
@stack_option
@click.option("--secret", required=True, help="The name of the secret.")
@click.option("--yes", is_flag=True, help="Do not ask for the name again.")
def drop_secret(stack: str, secret: str, yes: bool) -> None:
    """Give up a secret that the stack file no longer has; the next `up` removes it."""
    from operations.drop_kept import drop

    drop(Workspace.of(stack), "secret", secret, confirmed=yes)


COMMANDS = (
    backup,
    list_backups,
    drill,
    restore,
    drop_replaced,
    upgrade_database,
    import_data,
    databases,
    drop_database,
    drop_volume,
    drop_secret,
)
