"""Whether a base backup has the files that its manifest lists, byte for byte."""

from backup.backups import Backup
from backup.engine import Catalogue
from backup.layout import program
from backup.programs import ProgramFailed, run
from backup.wal_files import Damaged

COMPLAINTS = 3
PREFIX = "pg_verifybackup: error: "


def check(catalogue: Catalogue, backup: Backup) -> None:
    """Check the files. Raises Damaged, which names the first ones that are wrong."""
    folder = catalogue.base(backup.id) / "data"
    if not folder.is_dir():
        raise Damaged(f"the files of the backup {backup.id} are missing")
    try:
        # WAL is not part of it; wal_files.py checks that.
        run(program("pg_verifybackup"), "--no-parse-wal", "--quiet", folder)
    except ProgramFailed as error:
        lines = [line.removeprefix(PREFIX) for line in error.output.splitlines() if line]
        shown = "; ".join(lines[:COMPLAINTS])
        raise Damaged(f"the backup {backup.id} is damaged: {shown}") from error
