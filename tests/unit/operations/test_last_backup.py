"""Which backup survives a stack, and whether that is enough to remove it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest

from operations import backups, last_backup
from operations.last_backup import LastBackup
from operations.workspace import Workspace
from tests.unit.describing import settings
from tests.unit.operations.backup_part import LIST, BackupPart

FIRST, SECOND = LIST["backups"]
BEGUN = backups.moment(FIRST["begin"])
VERIFIED = {**SECOND, "verified": "2026-11-25T04:00:31+00:00"}
COPIED = {"at": "2026-11-24T02:10:00+00:00", "ok": True, "reason": None}


class Part(BackupPart):
    """A part whose bucket has these backups, or does not answer."""

    def __init__(self, bucket: Sequence[Mapping[str, Any]] | str, **changes: Any) -> None:
        super().__init__({"list": {**LIST, "offsite": COPIED, **changes}})
        self.bucket = bucket

    def run(self, command: Sequence[str], *, stdin: bytes | Path | None = None) -> str:
        if "--from" in command:
            assert list(command) == ["backup", "list", "--from", "offsite", "--json"]
            answer = self.bucket if isinstance(self.bucket, str) else {"backups": self.bucket}
            return BackupPart({"list": answer}).run(command)
        return super().run(command)


def test_the_last_backup_is_the_newest_verified_one_that_the_bucket_has() -> None:
    copied = LastBackup(begun=BEGUN, survives=True)
    assert last_backup.of(Part([FIRST, SECOND])) == copied
    both = [FIRST, VERIFIED]
    assert last_backup.of(Part([FIRST], backups=both)) == copied
    newer = LastBackup(begun=backups.moment(SECOND["begin"]), survives=True)
    assert last_backup.of(Part(both, backups=both)) == newer


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        (Part([FIRST], offsite=None), "no bucket has a copy."),
        (Part([]), "the bucket does not have it yet."),
        (Part([SECOND]), "the bucket does not have it yet."),
        (Part("the bucket does not answer"), "the bucket does not answer"),
    ],
)
def test_a_backup_that_only_the_stack_has_does_not_survive(part: Part, reason: str) -> None:
    last = last_backup.of(part)
    assert last == LastBackup(begun=BEGUN, reason=reason)
    assert str(last).endswith(f" ago. It is lost as well: {reason}")
    assert not last.suffices


def test_a_backup_that_no_drill_restored_does_not_count() -> None:
    last = last_backup.of(Part([SECOND], backups=[SECOND]))
    assert last == LastBackup(reason="No backup of this stack is verified.")
    assert not last.suffices


@pytest.mark.parametrize(
    ("last", "helps"),
    [
        (LastBackup(reason=last_backup.UNVERIFIED), True),
        (LastBackup(begun=BEGUN, reason="no bucket has a copy."), True),
        (LastBackup(reason="No backup is known: data.mode is external."), False),
    ],
)
def test_a_refusal_says_what_makes_a_backup_where_the_platform_can(
    last: LastBackup, helps: bool
) -> None:
    with pytest.raises(click.ClickException) as refusal:
        last_backup.expect("acme/prod", last, without_backup=False)
    assert last.reason in refusal.value.message
    assert ("make drill STACK=acme/prod verifies it" in refusal.value.message) is helps


@pytest.mark.parametrize(
    ("hours", "survives", "text", "suffices"),
    [
        (3, True, "begun 3 h ago. The bucket has it.", True),
        (3, False, "begun 3 h ago. It is lost as well: no bucket.", False),
        (25, True, "begun 1 d 1 h ago. The bucket has it.", False),
    ],
)
def test_a_backup_that_survives_and_is_younger_than_a_day_suffices(
    hours: int, survives: bool, text: str, suffices: bool
) -> None:
    begun = last_backup.now() - timedelta(hours=hours)
    last = LastBackup(begun=begun, survives=survives, reason="no bucket.")
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
    part = Part([FIRST])
    monkeypatch.setattr(backups, "part", lambda *_: part)
    workspace.write_files()
    last = LastBackup(begun=last_backup.now(), survives=True)
    last_backup.remember(workspace, LastBackup(begun=last.begun, survives=False))
    part.answers["list"] = "it does not run"
    unknown = LastBackup(reason="No backup is known: it does not run")
    assert last_backup.find(workspace, settings({})) == unknown
    last_backup.remember(workspace, last)
    assert last_backup.find(workspace, settings({})) == last
    part.answers["list"] = {**LIST, "offsite": COPIED}
    assert last_backup.find(workspace, settings({})).begun == BEGUN
    part.answers["list"] = "it does not run"
    workspace.resumed()
    assert last_backup.find(workspace, settings({})) == unknown
