"""Going on with a server that has another system identifier."""

import logging
import time
from dataclasses import replace
from typing import Any

from backup import server
from backup.context import Context
from backup.records import Records

log = logging.getLogger(__name__)


def adopt(context: Context) -> dict[str, Any]:
    """Archive the WAL of the server that answers now, whichever it is.

    The backups of the other one stay until the retention no longer promises them.
    """
    with context.server.session() as session:
        system = server.position(session).system
    before = context.records.read().system
    if system != before:
        context.records.change(lambda records: _with(records, system))
        log.warning("the backups are of the server %s from now on, no longer of %s", system, before)
    return {"system": system, "before": before}


def _with(records: Records, system: str) -> Records:
    left = {name: at for name, at in records.left.items() if name != system}
    if records.system:
        left[records.system] = time.time()
    return replace(
        records,
        system=system,
        left=left,
        backup_needed="the server is another one",
        slot_lost=False,
    )
