"""Whether a base backup has the files that its manifest lists, byte for byte."""

import re

from backup.backups import Backup
from backup.engine import Catalogue
from backup.layout import program
from backup.programs import ProgramFailed, run
from backup.wal_files import Damaged

COMPLAINTS = 3


def check(catalogue: Catalogue, backup: Backup) -> None:
    """Check the files. Raises Damaged, which names the first ones that are wrong."""
    folder = catalogue.base(backup.id) / "data"
    if not folder.is_dir():
        raise Damaged(f"the files of the backup {backup.id} are missing")
    try:
        # WAL is not part of it; wal_files.py checks that.
        run(program("pg_verifybackup"), "--no-parse-wal", "--quiet", folder)
    except ProgramFailed as error:
        lines = [
            re.sub(r"^pg_verifybackup: error: ", "", line) for line in error.output.split("\n")
        ]
        shown = "; ".join(line for line in lines if line)
        few = "; ".join([line for line in lines if line][:COMPLAINTS])
        raise Damaged(f"the backup {backup.id} is damaged: {few or shown}") from error
