"""Where the receiver begins again, and what becomes of what was received before."""

import pytest

from backup import archiving, engine
from backup.engine import Catalogue
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
