"""Up to where a restore can come, and what it says where WAL is missing."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from backup import recovery, restore, wal_files
from backup.backups import Backup
from backup.context import Context
from backup.engine import Catalogue
from backup.errors import BackupError
from backup.records import Gap
from backup.recovery import End, Target
from backup.restore import Restore
from backup.scratch_server import ScratchServer
from backup.timelines import Fork, Timeline
from backup.wal import Segment

SIZE = 100
BACKUP = Backup(id="1", system="7", state="done", begin=1000.0, end=1001.0, end_lsn=150)
GAP = Gap(since=2000.0, until=3000.0)
LINE = Timeline(number=1, since=0.0, forks=())
LOG = """\
2026-11-30 23:00:00.000 UTC [9] LOG:  redo done at 0/A0 system usage: CPU: user: 0.00 s
2026-11-30 23:00:00.000 UTC [9] LOG:  last completed transaction was at log time 2026-11-30 21:00+00
2026-11-30 23:00:00.000 UTC [9] FATAL:  recovery ended before configured recovery target was reached
"""


@pytest.fixture(autouse=True)
def _no_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wal_files, "run", lambda *arguments: "")
    monkeypatch.setattr(wal_files, "program", Path)


def receive(catalogue: Catalogue, *numbers: int, timeline: int = 1) -> None:
    for number in numbers:
        name = Segment(number=number, timeline=timeline, size=SIZE).name
        path = catalogue.wals / name[:16] / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * SIZE)


@pytest.mark.parametrize("at", [2500.0, 3500.0])
def test_a_moment_after_missing_wal_is_refused_and_says_where_it_ends(at: float) -> None:
    with pytest.raises(BackupError, match=r"is missing.* ends at 1970-01-01T00:33:20Z"):
        recovery._refuse_in_gap(GAP, BACKUP, at)


def test_a_moment_that_no_gap_separates_from_its_backup_is_not_refused() -> None:
    newer = Backup(id="2", system="7", state="done", begin=3001.0, end=3002.0)
    recovery._refuse_in_gap(GAP, BACKUP, 1500.0)
    recovery._refuse_in_gap(GAP, newer, 3500.0)
    recovery._refuse_in_gap(None, BACKUP, 3500.0)


def test_the_log_says_where_recovery_ended() -> None:
    assert End.of(LOG) == End(position=0xA0, transaction="2026-11-30 21:00+00")
    assert End.of("") == End(position=None, transaction="the end of the base backup")


def missing(catalogue: Catalogue, tmp_path: Path) -> tuple[str | None, str]:
    """What `_missing` says of a server with this log."""
    server = SimpleNamespace(log=tmp_path / "server.log", data=tmp_path / "data")
    server.log.write_text(LOG)
    target = Target(words="", timeline=LINE)
    return restore._missing(cast(ScratchServer, server), BACKUP, target, catalogue)


def test_recovery_that_ended_at_the_newest_wal_lacks_nothing(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    receive(catalogue, 1, 2, 3)
    assert missing(catalogue, tmp_path) == (None, "2026-11-30 21:00+00")


def test_recovery_that_ended_at_a_missing_file_names_it(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    receive(catalogue, 1, 3, 4)
    reason, last = missing(catalogue, tmp_path)
    assert reason == "the WAL file 000000010000000000000002 is missing"
    assert last == "2026-11-30 21:00+00"


def test_wal_is_followed_to_a_later_timeline(catalogue: Catalogue, tmp_path: Path) -> None:
    line = Timeline(number=2, since=0.0, forks=(Fork(timeline=1, position=250),))
    receive(catalogue, 1)
    # The unfinished file at the end of a timeline.
    name = Segment(number=2, timeline=1, size=SIZE).name
    partial = catalogue.wals / name[:16] / f"{name}.partial"
    partial.write_bytes(b"x" * SIZE)
    receive(catalogue, 2, 3, 4, timeline=2)
    wal_files.check_to_the_end(catalogue, line, 160, tmp_path / "wal", SIZE)
    gone = Segment(number=3, timeline=2, size=SIZE).name
    (catalogue.wals / gone[:16] / gone).unlink()
    with pytest.raises(wal_files.Damaged, match=f"{gone} is missing"):
        wal_files.check_to_the_end(catalogue, line, 160, tmp_path / "wal", SIZE)
    partial.unlink()
    with pytest.raises(wal_files.Damaged, match=f"{name} is missing"):
        wal_files.check_to_the_end(catalogue, line, 160, tmp_path / "wal", SIZE)


class Recovering:
    """A server whose recovery ends before its target."""

    def __init__(self, options: dict[str, str]) -> None:
        self._options = options

    def start(self) -> None:
        if "recovery_target_time" in self._options:
            raise BackupError(f"the recovered data does not start: {recovery.ENDED}")

    def stop(self) -> None:
        pass


@pytest.mark.parametrize("reason", [None, "the WAL file 2 is missing"])
@pytest.mark.parametrize("options", [{}, {"recovery_target_time": "2026-11-30 22:00:00+00:00"}])
def test_an_early_end_is_the_latest_state_only_if_nothing_is_missing(
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
    reason: str | None,
    options: dict[str, str],
) -> None:
    (catalogue.layout.restore / "data").mkdir(parents=True)
    monkeypatch.setattr(restore, "_server", lambda context, identity, options: Recovering(options))
    monkeypatch.setattr(restore, "_missing", lambda *_: (reason, "21:00"))
    target = Target(words="22:00", timeline=LINE, options=options)
    context = cast(Context, SimpleNamespace(layout=catalogue.layout))

    def recovered() -> Restore:
        restore._apply_wal(context, BACKUP, target, catalogue)
        found = restore.current(catalogue.layout)
        assert found
        return found

    if reason and options:
        with pytest.raises(BackupError, match="2 is missing; what can be restored ends at 21:00"):
            recovered()
    elif reason:
        assert recovered().target == "the state of 21:00; then the WAL file 2 is missing"
    elif options:
        assert recovered().target.startswith("the latest state before 22:00")
    else:
        assert recovered().target == "22:00"
