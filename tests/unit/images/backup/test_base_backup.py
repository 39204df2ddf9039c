"""A base backup and the retention, without an engine."""

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
