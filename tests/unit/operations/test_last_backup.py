"""Which backup survives a stack, and whether that is enough to remove it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import click
import pytest

from operations import backups, last_backup
from operations.backups import parsed
from operations.last_backup import LastBackup
from operations.workspace import Workspace
from tests.unit.describing import settings
from tests.unit.operations.backup_part import LIST, BackupPart

NEWEST = parsed(LIST).newest_verified
COPIED = {"at": "2026-11-24T02:10:00+00:00", "ok": True, "reason": None}
BEFORE_ITS_END = {**COPIED, "at": "2026-11-24T02:00:08+00:00"}


def answer(offsite: Mapping[str, Any] | None, **changes: Any) -> LastBackup:
    return last_backup.of(parsed({**LIST, "offsite": offsite, **changes}))


@pytest.mark.parametrize(
    ("offsite", "survives"),
    [(None, False), (COPIED, True), ({**COPIED, "ok": False}, False), (BEFORE_ITS_END, False)],
)
def test_a_backup_survives_if_it_was_copied_after_its_end(
    offsite: Mapping[str, Any] | None, survives: bool
) -> None:
    assert NEWEST
    assert answer(offsite) == LastBackup(begun=NEWEST.begin, survives=survives)


def test_a_backup_that_no_drill_restored_does_not_count() -> None:
    last = answer(COPIED, backups=[LIST["backups"][1]])
    assert last == LastBackup(begun=None, reason="No backup of this stack is verified.")
    assert not last.suffices


@pytest.mark.parametrize(
    ("hours", "survives", "text", "suffices"),
    [
        (3, True, "begun 3 h ago. It is in the bucket too.", True),
        (3, False, "begun 3 h ago. It is not in a bucket, so it is lost as well.", False),
        (25, True, "begun 1 d 1 h ago. It is in the bucket too.", False),
    ],
)
def test_a_backup_that_survives_and_is_younger_than_a_day_suffices(
    hours: int, survives: bool, text: str, suffices: bool
) -> None:
    last = LastBackup(begun=last_backup.now() - timedelta(hours=hours), survives=survives)
    assert str(last) == f"The newest verified backup was {text}"
    assert last.suffices is suffices
    last_backup.expect("prod", last, without_backup=True)
    if suffices:
        last_backup.expect("prod", last, without_backup=False)
    else:
        with pytest.raises(click.ClickException, match="WITHOUT_BACKUP=1") as refusal:
            last_backup.expect("prod", last, without_backup=False)
        assert "Nothing was changed." in refusal.value.message


def test_a_part_that_does_not_run_knows_no_backup_unless_a_purge_was_killed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = BackupPart()
    monkeypatch.setattr(backups, "part", lambda *_: part)
    workspace.write_files()
    last = LastBackup(begun=last_backup.now(), survives=True)
    last_backup.remember(workspace, LastBackup(begun=last.begun, survives=False))
    part.answers["list"] = "it does not run"
    unknown = LastBackup(begun=None, reason="No backup is known: it does not run")
    assert last_backup.find(workspace, settings({})) == unknown
    last_backup.remember(workspace, last)
    assert last_backup.find(workspace, settings({})) == last
    part.answers["list"] = LIST
    assert NEWEST
    assert last_backup.find(workspace, settings({})).begun == NEWEST.begin
    part.answers["list"] = "it does not run"
    workspace.resumed()
    assert last_backup.find(workspace, settings({})) == unknown
