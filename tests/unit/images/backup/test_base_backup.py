"""A base backup and the retention, without an engine."""

import shutil
import time
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, cast

import pytest

from backup import base_backup, engine, web
from backup.backups import Backups
from backup.context import Context
from backup.engine import Catalogue
from backup.errors import BackupError
from backup.layout import Layout
from backup.records import Outcome, RecordsFile


class Part(SimpleNamespace):
    def write_engine(self, system: str) -> None:
        pass

    def catalogue(self) -> Catalogue:
        return Catalogue(layout=self.layout, system="7")


@pytest.fixture
def part(places: Layout) -> Context:
    return cast(Context, Part(layout=places, records=RecordsFile(places.records)))


@pytest.mark.parametrize("error", [None, BackupError("status 1"), OSError("Input/output error")])
def test_the_retention_makes_room_before_a_base_backup_that_has_none(
    part: Context, monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    steps: list[str] = []

    def retention(_: Context) -> None:
        steps.append("retention")
        if error:
            raise error

    def without_room() -> None:
        raise BackupError("the server is away")

    monkeypatch.setattr(base_backup, "apply_retention", retention)
    cast(Any, part).server = SimpleNamespace(session=without_room)
    with pytest.raises(BackupError, match="the server is away"):
        base_backup.now(part)
    assert steps == ["retention"]


def test_a_backup_of_which_nothing_is_known_goes_when_it_is_too_old(
    part: Context, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "obsolete", lambda catalogue: [])
    catalogue.base("1").mkdir(parents=True)
    cast(Any, part).backups = Backups(part.layout)
    for days, kept in ((7, True), (-1, False)):
        cast(Any, part).config = SimpleNamespace(retention=SimpleNamespace(days=days))
        base_backup.apply_retention(part)
        assert catalogue.base("1").exists() is kept


def test_a_retention_that_was_killed_after_it_removed_a_server_ends_the_next_time(
    part: Context, catalogue: Catalogue
) -> None:
    cast(Any, part).backups = Backups(part.layout)
    cast(Any, part).config = SimpleNamespace(retention=SimpleNamespace(days=7))
    shutil.rmtree(catalogue.directory)
    part.records.set(left={"7": 1.0})
    base_backup.apply_retention(part)
    assert part.records.read().left == {}


@pytest.mark.parametrize(
    ("drill_is_well", "removed"), [(False, ["1", "3"]), (True, ["1", "2", "3"])]
)
def test_the_newest_verified_backup_stays_while_drills_fail(
    part: Context,
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
    drill_is_well: bool,
    removed: list[str],
) -> None:
    for identity in ("1", "2", "3", "4"):
        catalogue.base(identity).mkdir(parents=True)
    cast(Any, part).backups = Backups(part.layout)
    cast(Any, part).config = SimpleNamespace(retention=SimpleNamespace(days=7))
    # The ninth was removed by hand.
    verified = {"1": 1.0, "2": 2.0, "9": 9.0}
    part.records.set(verified=verified, drill=Outcome(at=3.0, ok=drill_is_well))
    deleted: list[str] = []
    monkeypatch.setattr(engine, "obsolete", lambda _: ["1", "2", "3"])
    monkeypatch.setattr(engine, "barman", lambda *words: deleted.append(words[-1]))
    base_backup.apply_retention(part)
    assert deleted == removed


def test_a_file_system_that_fails_is_recorded_and_hides_no_cause(
    part: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(base_backup, "_make", fail)
    with pytest.raises(OSError, match="No space left"):
        base_backup.now(part)
    attempt = part.records.read().attempt
    assert attempt
    assert (attempt.ok, attempt.reason) == (False, "No space left on device")
    monkeypatch.setattr(part.records, "set", fail)
    monkeypatch.setattr(base_backup, "_make", lambda _: base_backup._until_receiving())
    monkeypatch.setattr(web, "ask", lambda: None)
    with pytest.raises(BackupError, match="no WAL is received"):
        base_backup.now(part)


@pytest.mark.parametrize("looks", [0, 1, 4])
def test_the_last_wal_file_of_a_backup_is_ended_where_it_does_not_arrive(
    part: Context, monkeypatch: pytest.MonkeyPatch, looks: int
) -> None:
    """On a quiet server it would not be complete for long."""
    calls: list[str] = []
    backup = SimpleNamespace(id="2", state="waiting for WAL", done=False)

    def archive(_: Catalogue) -> None:
        backup.done = calls.count("archive") == looks
        calls.append("archive")

    cast(Any, part).backups = SimpleNamespace(
        of=lambda _: [SimpleNamespace(id="1", state="waiting for WAL", done=True), backup]
    )
    cast(Any, part).server = SimpleNamespace(session=nullcontext)
    monkeypatch.setattr(engine, "archive", archive)
    monkeypatch.setattr(engine, "barman", lambda *words: calls.append(words[-1]))
    monkeypatch.setattr(base_backup, "_end_wal_file", lambda _: calls.append("end"))
    monkeypatch.setattr(time, "sleep", lambda _: None)
    assert base_backup._whole(part, part.catalogue(), {"1"}).id == "2"
    assert calls.count("end") == (looks >= base_backup.MISSES)
    assert calls.count("2") == looks + 1
    assert "1" not in calls
