"""What a drill compares."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import pytest

from backup import drill, snapshots
from backup.errors import BackupError
from backup.scratch_server import ScratchServer
from backup.server import Session
from backup.snapshots import Content, Table

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
