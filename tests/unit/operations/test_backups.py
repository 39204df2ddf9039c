"""The reader of what the backup part has."""

from datetime import UTC, datetime
from typing import Any

import click
import pytest

from operations import backups, docker_stack, kubernetes_stack
from operations.backups import Archiving, Backup, OpenRestore, Outcome, Window
from operations.workspace import Workspace
from tests.unit.describing import KUBERNETES, settings
from tests.unit.operations.backup_part import LIST, BackupPart

FIRST, SECOND = "20261124T020000", "20261125T020000"


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC)


def test_the_backups_are_read_with_the_newest_first() -> None:
    answer = backups.read(BackupPart())
    assert [backup.id for backup in answer.backups] == [SECOND, FIRST]
    assert answer.backups[1] == Backup(
        id=FIRST,
        begin=at(24, 2),
        end=at(24, 2, 0, 9),
        size=32 * 1024**2,
        wal="00000001000000000000000A",
        state="done",
        verified=at(24, 4, 0, 31),
    )
    assert answer.window == Window(start=at(24, 2, 0, 9), end=at(25, 21))
    assert answer.archiving == Archiving(state="streaming", reason="", lag=0)
    assert answer.drill == Outcome(at=at(24, 4, 0, 31), ok=True, reason="", backup=FIRST)
    assert (answer.offsite, answer.restore) == (None, None)


def test_a_backup_that_is_not_complete_is_not_the_newest() -> None:
    nothing = {"begin": None, "end": None, "size": None, "wal": None}
    running = {**LIST["backups"][0], **nothing, "id": "20261126T020000", "state": "started"}
    failed = {**LIST["backups"][1], "id": "20261126T030000", "state": "failed"}
    answer = backups.parsed({**LIST, "backups": [running, failed, *LIST["backups"]]})
    assert [backup.id for backup in answer.complete] == [SECOND, FIRST]
    assert (answer.backups[0].begin, answer.backups[0].size) == (at(26, 2), 0)
    assert answer.newest == answer.complete[0]
    assert answer.newest_verified == answer.complete[1]
    assert backups.parsed({**LIST, "backups": []}).newest is None


def test_an_open_restore_and_a_bucket_that_fails_are_read() -> None:
    restore = {"id": "r1", "target": "2026-11-24T21:00:00+00:00", "port": 5433}
    offsite = {"at": "2026-11-24T21:10:00Z", "ok": False, "reason": "the bucket is gone"}
    answer = backups.parsed({**LIST, "restore": restore, "offsite": offsite, "window": None})
    assert answer.restore == OpenRestore(id="r1", target="2026-11-24T21:00:00+00:00", port=5433)
    assert answer.offsite == Outcome(at=at(24, 21, 10), ok=False, reason="the bucket is gone")
    assert answer.window is None


def test_a_command_that_fails_says_why() -> None:
    part = BackupPart({"now": "the server does not answer"})
    with pytest.raises(click.ClickException) as error:
        backups.run(part, "now")
    assert error.value.message == "the server does not answer"


@pytest.mark.parametrize(
    "text", ["2026-11-24 21:00:00", "2026-11-24T23:00:00+02:00", "2026-11-24T21:00:00Z"]
)
def test_a_time_without_an_offset_is_one_of_utc(text: str) -> None:
    assert backups.moment(text) == at(24, 21)


def test_the_part_is_found_on_both_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    for module in (docker_stack, kubernetes_stack):
        monkeypatch.setattr(module, "inside", lambda *arguments: calls.append(arguments))
    workspace, cluster = Workspace.of("dev"), settings(KUBERNETES)
    backups.part(workspace, cluster)
    backups.part(workspace, settings({}))
    assert calls == [(cluster.kubernetes, workspace, "backup"), (workspace, "backup")]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"backup": False}, "data.backup is false: this stack makes no backups.*STACK=acme/dev"),
        ({"mode": "external", "external": {"host": "db.example.com", "user": "a"}}, "is external"),
        ({"mode": "cloudnative-pg", "backup": False}, "the operator makes the backups"),
    ],
)
def test_a_stack_without_the_part_says_what_to_do_instead(
    data: dict[str, Any], reason: str
) -> None:
    target = KUBERNETES if data.get("mode") == "cloudnative-pg" else {}
    if "external" in data:
        data = {**data, "external": {**data["external"], "password": "given"}}
    stack = settings({**target, "data": data}, secret=("data",))
    with pytest.raises(click.ClickException, match=reason):
        backups.part(Workspace.of("acme/dev"), stack)
