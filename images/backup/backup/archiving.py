"""Keeps the server's WAL coming: one look every few seconds, by `backup serve` alone."""

import logging
import os
import time
from collections import deque
from dataclasses import dataclass, replace
from threading import Event

from backup import engine, following, receiver, server, wal
from backup.config import Config
from backup.engine import Catalogue
from backup.errors import BackupError
from backup.layout import Layout
from backup.receiver import Receiver
from backup.records import Gap, Records, RecordsFile
from backup.server import Position, Server, ServerAway, Session

log = logging.getLogger(__name__)

SECONDS = 5.0
"""Between two looks while WAL comes, and when it has not come for long."""
FIRST_SECONDS = 1.0
FIRST_LOOKS = 15
LONGEST_WAIT = 10.0
"""Seconds, at most, before an attempt is repeated. The first ones follow sooner."""
REMOVED = "has already been removed"


@dataclass(frozen=True, kw_only=True)
class State:
    state: str
    """`streaming`, or `waiting` with a reason."""
    reason: str | None = None
    position: Position | None = None
    caught_up: float | None = None
    """All WAL up to this moment is here."""
    other_system: bool = False

    @property
    def lag_bytes(self) -> int | None:
        if self.position is None or self.position.received is None:
            return None
        return max(self.position.flushed - self.position.received, 0)


class Archiving:
    def __init__(
        self, config: Config, layout: Layout, origin: Server, records: RecordsFile, wake: Event
    ) -> None:
        self._config = config
        self._layout = layout
        self._server = origin
        self._records = records
        self._wake = wake
        self._looks = 0
        self._session: Session | None = None
        self._receiver: Receiver | None = None
        self._system: str | None = None
        self._failures = 0
        self._next_attempt = 0.0
        self._sent: deque[tuple[float, int]] = deque(maxlen=1000)
        self.state = State(state="waiting", reason="the first look at the server")

    def look(self) -> float:
        """Look once, and mend what needs it. Return the seconds until the next look."""
        self._look_once()
        self._looks = 0 if self.state.state == "streaming" else self._looks + 1
        return FIRST_SECONDS if 0 < self._looks < FIRST_LOOKS else SECONDS

    def _look_once(self) -> None:
        try:
            self._look(self._position())
        except ServerAway as error:
            self._close()
            self._wait(f"the server {self._server.address} is away: {error}")
        except (BackupError, OSError) as error:
            self._wait(str(error))
        except Exception as error:
            log.exception("the look failed")
            self._wait(f"{type(error).__name__}: {error}")

    def stop(self) -> None:
        self._stop_receiver()
        self._close()

    def _look(self, position: Position) -> None:
        records = self._records.read()
        if records.system is None:
            newest = engine.newest(self._layout)
            records = self._records.set(system=newest.system if newest else position.system)
            log.info("the backups are of the server %s", records.system)
        if position.system != records.system:
            self._stop_receiver()
            self._wait(
                f"the server has the system identifier {position.system}, and these backups are "
                f"of {records.system}: `make restore` brings the data back, and `backup adopt` "
                "goes on with this server",
                position,
                other_system=True,
            )
            return
        catalogue = Catalogue(layout=self._layout, system=position.system)
        if self._system != position.system:
            engine.write(self._config, self._layout, self._server, position.system)
            engine.list_wal(catalogue)
            self._system = position.system
        if self._receiver and self._receiver.running:
            self._streaming(position)
        elif time.monotonic() >= self._next_attempt:
            self._start(catalogue, position, records)
        if wal.has_complete(catalogue.streaming):
            engine.archive(catalogue)

    def _streaming(self, position: Position) -> None:
        if position.received is None:
            return
        self._failures = 0
        caught_up = self.state.caught_up
        self._sent.append((time.time(), position.flushed))
        while self._sent and self._sent[0][1] <= position.received:
            caught_up, _ = self._sent.popleft()
        if self.state.state != "streaming":
            log.info("streaming")
        self.state = State(state="streaming", position=position, caught_up=caught_up)

    def _start(self, catalogue: Catalogue, position: Position, records: Records) -> None:
        """Start the receiver; the server is the right one."""
        session = self._session_open()
        if self._receiver:
            said = self._receiver.said()
            self._stop_receiver()
            if REMOVED in said:
                # The receiver has moved the slot back to where it wanted to begin.
                server.drop_slot(session)
                server.create_slot(session)
                position = server.position(session)
                self._skip(catalogue, position)
            self._back_off()
            self._wait(f"the receiver ended: {said}", position)
        if position.slot and position.slot.lost:
            log.error("the server gave up the WAL of the slot %s; it starts again", server.SLOT)
            server.drop_slot(session)
            server.create_slot(session)
            position = server.position(session)
            self._skip(catalogue, position)
        elif not position.slot:
            server.create_slot(session)
            position = server.position(session)
        self._follow(catalogue, position)
        receiver.repair(catalogue, position.segment_size)
        self._server.write_password()
        self._receiver = Receiver(catalogue, self._server.dsn(), self._wake)

    def _follow(self, catalogue: Catalogue, position: Position) -> None:
        """Go to the server's timeline where it is another one, as after a restore."""
        newest = wal.newest(catalogue.streaming, position.segment_size)
        if newest is None or newest.timeline == position.timeline:
            return
        log.warning(
            "the server is on timeline %d, no longer on %d", position.timeline, newest.timeline
        )
        self._records.set(backup_needed="the server has another timeline, as after a restore")
        begin = following.bring(
            catalogue, self._server, self._session_open(), newest, position, self._layout
        )
        if begin:
            restart_at(catalogue, begin)
        else:
            self._skip(catalogue, position)

    def _skip(self, catalogue: Catalogue, position: Position) -> None:
        """Go on from where the slot begins. What lies before is missing."""
        assert position.slot
        assert position.slot.restart_lsn is not None
        reason = "the server no longer has WAL that was not received"
        log.error("%s; a base backup follows", reason)
        gap = Gap(since=engine.received(catalogue), until=time.time())
        self._records.set(gap=gap, backup_needed=reason, slot_lost=True)
        size = position.segment_size
        restart = wal.Segment(
            number=position.slot.restart_lsn // size, timeline=position.timeline, size=size
        )
        restart_at(catalogue, restart)

    def _position(self) -> Position:
        return server.position(self._session_open())

    def _session_open(self) -> Session:
        if self._session is None:
            self._session = self._server.open()
        return self._session

    def _wait(
        self, reason: str, position: Position | None = None, *, other_system: bool = False
    ) -> None:
        if reason != self.state.reason:
            log.warning("waiting: %s", reason)
        self.state = replace(
            self.state,
            state="waiting",
            reason=reason,
            position=position,
            other_system=other_system,
        )

    def _back_off(self) -> None:
        self._next_attempt = time.monotonic() + min(2.0**self._failures, LONGEST_WAIT)
        self._failures += 1

    def _stop_receiver(self) -> None:
        if self._receiver:
            self._receiver.stop()
            self._receiver = None

    def _close(self) -> None:
        if self._session:
            self._session.close()
            self._session = None


def restart_at(catalogue: Catalogue, segment: wal.Segment) -> None:
    """Make the receiver begin with this segment, and keep all that was received before."""
    catalogue.streaming.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = catalogue.streaming / f"{segment.name}{wal.PARTIAL}"
    for path in catalogue.streaming.glob(f"*{wal.PARTIAL}"):
        if path == target:
            continue
        if path.stat().st_size:
            # The last WAL before a restore: what was written until then can still be restored.
            folder = catalogue.wals / wal.directory(path.name)
            folder.mkdir(parents=True, exist_ok=True)
            path.replace(folder / path.name)
        else:
            path.unlink()
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT, 0o600)
    os.close(descriptor)
    engine.archive(catalogue)
