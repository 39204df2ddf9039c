"""Following a server to another timeline without losing WAL between the two."""

import logging
import os
import shutil

from backup import server, timelines
from backup.engine import Catalogue
from backup.layout import Layout
from backup.server import Position, Server, Session
from backup.wal import Segment

log = logging.getLogger(__name__)


def bring(
    catalogue: Catalogue,
    origin: Server,
    session: Session,
    newest: Segment,
    position: Position,
    places: Layout,
) -> Segment | None:
    """Where the receiver begins on the server's timeline, so that nothing is missing.

    None where something is. A clone of recovered data has the WAL since the clone began. What lies
    between the end of the old timeline and that is still with the data of the restore.
    """
    if position.timeline == timelines.FIRST:
        return None
    fork = timelines.forks(server.history(origin, position.timeline))[-1]
    if fork.timeline != newest.timeline or fork.position > newest.end:
        return None
    size = position.segment_size
    first = fork.position // size
    oldest = server.oldest_segment(session, position)
    if oldest is None:
        return None
    between = [
        Segment(number=number, timeline=position.timeline, size=size)
        for number in range(first, oldest.number)
    ]
    if not _copied(catalogue, between, places, size):
        return None
    return oldest if between else Segment(number=first, timeline=position.timeline, size=size)


def _copied(catalogue: Catalogue, segments: list[Segment], places: Layout, size: int) -> bool:
    """Copy the segments from the data of the restore, if it has all of them."""
    folder = places.restore / "data" / "pg_wal"
    sources = [folder / segment.name for segment in segments]
    if not all(path.exists() and path.stat().st_size == size for path in sources):
        return False
    for path in sources:
        new = catalogue.streaming / f"{path.name}.tmp"
        shutil.copyfile(path, new)
        with new.open("rb") as file:
            os.fsync(file.fileno())
        new.rename(catalogue.streaming / path.name)
        log.info("took the WAL file %s from the data of the restore", path.name)
    return True
