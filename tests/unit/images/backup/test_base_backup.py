"""A base backup and the retention, without an engine."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from backup import base_backup, engine, serve, web
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


def test_the_retention_makes_room_before_a_base_backup_that_has_none(
    part: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def without_wal() -> None:
        steps.append("refused")
        raise BackupError("no WAL is received: No space left on device")

    monkeypatch.setattr(base_backup, "apply_retention", lambda _: steps.append("retention"))
    monkeypatch.setattr(base_backup, "_until_receiving", without_wal)
    with pytest.raises(BackupError, match="No space left"):
        base_backup.now(part)
    assert steps == ["retention", "refused"]


def test_a_retention_that_fails_stops_no_base_backup(
    part: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Context) -> None:
        raise BackupError("barman list-backups ended with status 1")

    monkeypatch.setattr(base_backup, "apply_retention", fail)
    monkeypatch.setattr(web, "ask", lambda: None)
    with pytest.raises(BackupError, match="`backup serve` does not run"):
        base_backup.now(part)


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
