"""What the bucket has, for `backup list --from offsite`."""

from typing import Any

from backup import moments
from backup.offsite import fetch
from backup.offsite.restic import Repository
from backup.records import Records
from backup.status import shown


def document(repository: Repository, records: Records) -> dict[str, Any]:
    """What the bucket has, in the fields of `backup list`, and the server that it is of."""
    log = fetch.newest(repository)
    window = [moments.text(moment) for moment in log.window or ()]
    return {
        "backups": [shown(backup, records) for backup in log.backups],
        "window": {"from": window[0], "to": window[1]} if window else None,
        "system": log.system,
    }
