"""A base backup and the retention, without an engine."""

import time
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, cast

import pytest

from backup import base_backup, engine, serve
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


@pytest.mark.parametrize("fails", [False, True])
def test_the_retention_makes_room_before_a_base_backup_that_has_none(
    part: Context, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    steps: list[str] = []

    def retention(_: Context) -> None:
        steps.append("retention")
        if fails:
            raise BackupError("barman list-backups ended with status 1")

    def without_room() -> None:
        raise BackupError("the server is away")

    monkeypatch.setattr(base_backup, "apply_retention", retention)
    cast(Any, part).server = SimpleNamespace(session=without_room)
    with pytest.raises(BackupError, match="the server is away"):
        base_backup.now(part)
    assert steps == ["retention"]


def test_a_due_base_backup_is_not_made_twice(
    part: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`backup now` ran while the part waited for its turn."""
    part.records.set(backup_needed="the server is another one")
    due = serve.DueBackup(part)
    part.records.set(attempt=Outcome(at=1.0, ok=True), backup_needed=None)
    made: list[Context] = []
    monkeypatch.setattr(base_backup, "now", made.append)
    cast(Any, part).backups = SimpleNamespace(of=lambda _: [SimpleNamespace(done=True)])
    due._make(part)
    assert made == []
    part.records.set(backup_needed="the server is another one")
    due._make(part)
    assert made == [part]


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
