"""Where the receiver begins again, and what becomes of what was received before."""

import os
import threading
from typing import cast

import pytest

from backup import archiving, engine, server
from backup.archiving import Archiving
from backup.config import Config
from backup.engine import Catalogue
from backup.layout import Layout
from backup.records import RecordsFile
from backup.server import Position, Server, Slot
from backup.wal import Segment

SIZE = 16 * 2**20
OLD = "000000010000000000000004.partial"
EMPTY = "000000010000000000000003.partial"


def test_the_last_wal_of_the_old_timeline_is_kept(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Barman's own reset would remove it, and with it the last seconds before a disaster."""
    archived: list[Catalogue] = []
    monkeypatch.setattr(engine, "archive", archived.append)
    (catalogue.streaming / OLD).write_bytes(b"rows")
    (catalogue.streaming / EMPTY).touch()
    begin = Segment(number=4, timeline=2, size=SIZE)
    archiving.restart_at(catalogue, begin)
    assert (catalogue.wals / OLD[:16] / OLD).read_bytes() == b"rows"
    assert [path.name for path in catalogue.streaming.iterdir()] == [f"{begin.name}.partial"]
    assert archived == [catalogue]
    # Once more, as after an interruption.
    archiving.restart_at(catalogue, begin)
    assert [path.name for path in catalogue.streaming.iterdir()] == [f"{begin.name}.partial"]


@pytest.fixture
def here(catalogue: Catalogue, places: Layout, monkeypatch: pytest.MonkeyPatch) -> Archiving:
    monkeypatch.setattr(engine, "archive", lambda catalogue: None)
    monkeypatch.setattr(Server, "__init__", lambda self: None)
    monkeypatch.setattr(Server, "open", lambda self: None)
    records = RecordsFile(places.records)
    return Archiving(cast(Config, None), places, cast(type, Server)(), records, threading.Event())


def at(system: str) -> Position:
    return Position(
        system=system,
        timeline=1,
        flushed=0,
        received=None,
        slot=Slot(active=False, restart_lsn=5 * SIZE, lost=False, retained_bytes=0),
        slot_limit=None,
        segment_size=SIZE,
    )


def test_missing_wal_is_said_until_a_base_backup_whatever_the_reason(
    here: Archiving, catalogue: Catalogue, places: Layout
) -> None:
    last = catalogue.streaming / OLD
    last.write_bytes(b"rows")
    os.utime(last, (1000, 1000))
    here._skip(catalogue, at("7"))
    records = RecordsFile(places.records).read()
    assert records.slot_lost
    assert records.backup_needed
    assert records.gap
    assert records.gap.since == 1000
    assert records.gap.until > 1000


def test_a_server_that_is_another_one_is_not_archived_when_the_records_are_lost(
    here: Archiving, catalogue: Catalogue, places: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    places.records.write_text("")
    monkeypatch.setattr(server, "position", lambda session: at("8"))
    here.look()
    assert here.state.other_system
    assert RecordsFile(places.records).read().system == catalogue.system


def test_a_mistake_of_a_look_does_not_end_the_part(
    here: Archiving, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(session: object) -> Position:
        raise KeyError("slot")

    monkeypatch.setattr(server, "position", fail)
    here.look()
    assert here.state.reason == "KeyError: 'slot'"


def test_the_volume_of_a_lost_slot_may_be_empty(places: Layout) -> None:
    empty = Catalogue(layout=places, system="9")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine, "archive", lambda catalogue: None)
        archiving.restart_at(empty, Segment(number=4, timeline=1, size=SIZE))
    assert len(list(empty.streaming.iterdir())) == 1


def test_the_files_of_wal_are_listed_anew_for_the_barman_that_runs_now(
    here: Archiving, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later Barman names the list otherwise. Without one, an earlier Barman makes no backup."""
    said: list[tuple[str, ...]] = []
    monkeypatch.setattr(engine, "barman", lambda *words: said.append(words))
    monkeypatch.setattr(engine, "write", lambda *_: said.append(("write",)))
    monkeypatch.setattr(server, "position", lambda session: at(catalogue.system))
    monkeypatch.setattr(here, "_start", lambda *_: None)
    here.look()
    here.look()
    assert said == [("write",), ("rebuild-xlogdb", catalogue.name)]
