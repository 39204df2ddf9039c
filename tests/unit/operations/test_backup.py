"""The verbs that make a base backup, list the backups, and rehearse a restore."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner

from operations import backup, backups
from operations.__main__ import main
from tests.unit.operations.backup_part import LIST, Answer, BackupPart

NOW = datetime(2026, 11, 25, 21, 0, 5, tzinfo=UTC)


class Clock(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        return NOW


def run(
    monkeypatch: pytest.MonkeyPatch, verb: str, **answers: Answer
) -> tuple[int, list[str], BackupPart]:
    """The exit status and the lines of a verb."""
    part = BackupPart({"list": LIST, **answers})
    monkeypatch.setattr(backups, "part", lambda *_: part)
    monkeypatch.setattr(backup, "datetime", Clock)
    result = CliRunner().invoke(main, [verb])
    return result.exit_code, [" ".join(line.split()) for line in result.output.splitlines()], part


def changed(**changes: Any) -> Mapping[str, Any]:
    return {**LIST, **changes}


def test_the_backups_are_listed_with_what_can_be_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    code, lines, _ = run(monkeypatch, "backups")
    assert code == 0
    assert lines == [
        "id begin (UTC) age size verified",
        "20261125T020000 2026-11-25 02:00:00 19 h 33 MB not yet",
        "20261124T020000 2026-11-24 02:00:00 1 d 19 h 32 MB 1 d 16 h ago",
        "",
        "restorable any second from 2026-11-24 02:00:09 UTC to 2026-11-25 21:00:00 UTC",
        "log streaming",
        "last drill 1 d 16 h ago, of 20261124T020000, ok",
        "volume 4.0 GB of 5.0 GB left",
    ]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"archiving": {"state": "waiting", "reason": "it [is] away", "lag_bytes": 32 * 2**20}},
            "log waiting, 32 MB behind: it [is] away",
        ),
        (
            {"drill": {**LIST["drill"], "ok": False, "reason": "x is cut"}},
            "last drill 1 d 16 h ago, of 20261124T020000, failed: x is cut",
        ),
        (
            {"offsite": {"at": "2026-11-25T21:00:00Z", "ok": False, "reason": "it is gone"}},
            "offsite 5 s ago, failed: it is gone",
        ),
        (
            {"backups": [{**LIST["backups"][0], "state": "failed"}]},
            "There is no complete base backup. make backup STACK=dev makes one.",
        ),
    ],
)
def test_what_is_not_well_is_said_and_is_the_exit_status(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], line: str
) -> None:
    code, lines, _ = run(monkeypatch, "backups", list=changed(**changes))
    assert code == 1
    assert line in lines


def test_an_open_restore_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    restore = {"id": "r1", "target": "2026-11-24T21:00:00Z", "port": 5433}
    _, lines, _ = run(monkeypatch, "backups", list=changed(restore=restore))
    assert "restore open, to 2026-11-24 21:00:00 UTC: make restore finishes it" in lines


def test_a_base_backup_prints_what_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    made = {"id": "20261125T210000", "size": 33 * 2**20, "wal": "00000001000000000000001B"}
    code, lines, part = run(monkeypatch, "backup", now=made)
    assert code == 0
    assert part.calls == [("now",)]
    assert lines[1:4] == [
        "id 20261125T210000",
        "size 33 MB",
        "log up to 00000001000000000000001B",
    ]
    assert "make restore STACK=dev BACKUP=20261125T210000" in lines[-1]


def test_a_command_that_fails_is_an_error_of_the_verb(monkeypatch: pytest.MonkeyPatch) -> None:
    code, lines, _ = run(monkeypatch, "backup", now="backup now: `backup drill` runs")
    assert code == 1
    assert "Error: backup now: `backup drill` runs" in lines


@pytest.mark.parametrize("ok", [True, False])
def test_a_drill_shows_how_it_ended(monkeypatch: pytest.MonkeyPatch, ok: bool) -> None:
    reason = "not compared: byhand" if ok else "cut off"
    drill = {"at": "2026-11-25T21:00:00Z", "backup": "b1", "ok": ok, "reason": reason}
    answer: Answer = {} if ok else "backup drill: cut off"
    code, lines, _ = run(monkeypatch, "drill", drill=answer, list=changed(drill=drill))
    assert code == (0 if ok else 1)
    assert (f"5 s ago, of b1, ok, {reason}" if ok else "Error: backup drill: cut off") in lines
