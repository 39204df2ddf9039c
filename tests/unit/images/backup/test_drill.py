"""What a drill compares."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from backup import drill, metrics, snapshots
from backup.backups import Backups
from backup.context import Context
from backup.engine import Catalogue
from backup.errors import BackupError
from backup.layout import Layout
from backup.records import RecordsFile
from backup.scratch_server import ScratchServer
from backup.server import Server, Session
from backup.snapshots import Content, Table
from backup.status import STOPPED, document, status
from tests.unit.images.backup.test_backups import INFO

SMALL = Table(database="platform", schema="public", name="small", percent=100.0)
LARGE = Table(database="platform", schema="public", name='la"rge', percent=12.5)


class FakeSession:
    def __init__(self, answer: tuple[int, str]) -> None:
        self.queries: list[str] = []
        self._answer = answer

    def rows(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        self.queries.append(query)
        return [self._answer]


class FakeServer:
    def __init__(self, answer: tuple[int, str]) -> None:
        self.one = FakeSession(answer)

    @contextmanager
    def session(self, database: str) -> Iterator[FakeSession]:
        yield self.one


def compare(answer: tuple[int, str]) -> None:
    expected = {SMALL: Content(rows=3, checksum="42")}
    drill._compare(cast(ScratchServer, FakeServer(answer)), expected)


def test_the_same_rows_are_well() -> None:
    compare((3, "42"))


@pytest.mark.parametrize("answer", [(2, "42"), (3, "41")])
def test_a_missing_row_and_a_changed_one_fail_it_and_name_the_table(
    answer: tuple[int, str],
) -> None:
    with pytest.raises(BackupError, match=r"such as platform: public\.small: it had 3 rows"):
        compare(answer)


def test_a_large_table_is_sampled_alike_on_both_servers() -> None:
    session = FakeSession((1, "1"))
    for table in (SMALL, LARGE):
        snapshots.content(cast(Session, session), table)
    whole, sample = session.queries
    assert "TABLESAMPLE" not in whole
    name = 'FROM ONLY "public"."la""rge" AS "platform_backup row"'
    assert f"{name} TABLESAMPLE SYSTEM (12.5) REPEATABLE" in sample


@pytest.mark.parametrize(("size", "percent"), [(0, 100.0), (64 * 2**20, 100.0), (2**30, 6.25)])
def test_the_bound_of_a_sample_is_bytes(size: int, percent: float) -> None:
    assert snapshots.table("platform", "public", "t", size).percent == percent


class Part(SimpleNamespace):
    """A context whose engine is not asked."""

    def write_engine(self) -> None:
        pass

    def catalogue(self) -> Catalogue:
        return Catalogue(layout=self.layout, system="7")


@pytest.fixture
def part(places: Layout, monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.setattr(drill, "clean", lambda places: None)
    records, backups = RecordsFile(places.records), Backups(places)
    return cast(Context, Part(layout=places, records=records, backups=backups))


def describe(catalogue: Catalogue, identity: str, text: str) -> None:
    path = catalogue.base(identity) / "backup.info"
    path.parent.mkdir(parents=True)
    path.write_text(text)


def test_a_damaged_description_of_the_newest_backup_fails_a_drill_and_is_named(
    part: Context, catalogue: Catalogue
) -> None:
    describe(catalogue, "20261124T020000", INFO)
    describe(catalogue, "20261125T020000", INFO[:100])
    with pytest.raises(BackupError, match=r"20261125T020000/backup\.info is missing or damaged"):
        drill.drill(part)
    outcome = part.records.read().drill
    assert outcome
    assert "20261125T020000/backup.info" in str(outcome.reason)
    # A newer backup is another chain.
    describe(catalogue, "20261126T020000", INFO)
    assert drill._newest(part).id == "20261126T020000"


def test_a_database_that_is_not_compared_is_named(
    part: Context, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe(catalogue, "1", INFO)
    monkeypatch.setattr(drill, "_drill", lambda *_: {"databases_left_out": ["byhand"]})
    drill.drill(part)
    outcome = part.records.read().drill
    assert outcome
    assert (outcome.ok, outcome.reason) == (True, "not compared: byhand")
    found = status(part, STOPPED)
    assert document(found)["drill"]["reason"] == "not compared: byhand"
    (left_out,) = (
        sample.value
        for metric in metrics.gauges(found, {})
        for sample in metric.samples
        if sample.name == "platform_backup_drill_databases_left_out"
    )
    assert left_out == 1


class Control(FakeSession):
    """The databases, of which the role of backups may read one and hold none."""

    def rows(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        return [("closed", False), ("held", True)] if query == snapshots.DATABASES else []

    def value(self, query: str, values: Sequence[object] = ()) -> Any:
        return 42 if "restore_point" in query else False

    def close(self) -> None:
        pass


def test_a_database_that_refuses_the_role_of_backups_counts_as_left_out() -> None:
    opened: list[str | None] = []

    def session(database: str | None = None, application: str = "") -> Control:
        opened.append(database)
        return Control((0, ""))

    with snapshots.moment(cast(Server, SimpleNamespace(open=session)), "drill") as moment:
        assert moment.left_out == ("closed", "held")
    assert opened == [None, "held"]
