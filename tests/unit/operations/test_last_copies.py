"""Which copies of the files of services stay when their volumes go."""

from datetime import timedelta
from typing import Any

import click
import pytest

from components.settings import Settings
from operations import backups, last_backup, last_copies
from operations.kept import Kept
from operations.last_backup import LastBackup
from operations.last_copies import LastCopy
from operations.workspace import Workspace
from tests.unit.describing import settings
from tests.unit.operations.backup_part import BackupPart
from tests.unit.operations.test_restore_files import BUCKET

NOW = last_backup.now()


def kept(short: str, *, is_secret: bool = False) -> Kept:
    return Kept(urn=f"urn:{short}", name=f"prod-{short}", short=short, is_secret=is_secret)


ITEMS = [kept("postgres"), kept("redis"), kept("reports-data"), kept("a-data", is_secret=True)]


def stack(**offsite: Any) -> Settings:
    return settings({"data": {"backup": {"offsite": {**BUCKET, **offsite}}}}, secret=("data",))


def row(volume: str, **age: float) -> dict[str, str]:
    return {"volume": volume, "at": (NOW - timedelta(**age)).isoformat(), "id": "abc"}


@pytest.fixture
def part(monkeypatch: pytest.MonkeyPatch) -> BackupPart:
    part = BackupPart(answers={"files": {"copies": []}})
    monkeypatch.setattr(backups, "part", lambda *_: part)
    monkeypatch.setattr(last_copies, "now", lambda: NOW)
    return part


def test_the_newest_copy_of_each_volume_of_a_service_is_asked_for(
    workspace: Workspace, part: BackupPart
) -> None:
    """Also of a service that the stack file no longer has."""
    part.answers["files"] = {
        "copies": [
            row("reports-data", hours=2),
            row("reports-data", hours=1),
            row("models", days=0),
        ]
    }
    (copy,) = last_copies.find(workspace, stack(), ITEMS)
    assert part.calls == [("files", "list", "reports")]
    assert copy == LastCopy(service="reports", at=NOW - timedelta(hours=1))
    assert str(copy) == "The newest copy of the files of reports is 1 h old."
    last_copies.expect("prod", [copy], without_backup=False)


@pytest.mark.parametrize(
    ("offsite", "answer", "reason"),
    [
        ({}, {"copies": [row("reports-data", hours=25)]}, "reports is 1 d 1 h old."),
        (
            {},
            {"copies": [row("models", hours=1)]},
            "in no copy: there is none in the bucket.",
        ),
        ({}, "the bucket does not answer", "in no copy: the bucket does not answer"),
        ({"files": False}, "", "in no copy: data.backup.offsite is not set, or says files: false."),
    ],
)
def test_a_service_without_a_copy_younger_than_a_day_is_named(
    workspace: Workspace, part: BackupPart, offsite: dict[str, Any], answer: Any, reason: str
) -> None:
    """As while its sidecar has failed for weeks."""
    part.answers["files"] = answer
    copies = last_copies.find(workspace, stack(**offsite), ITEMS)
    with pytest.raises(click.ClickException) as refusal:
        last_copies.expect("acme/prod", copies, without_backup=False)
    assert "no copy younger than a day of the files of reports." in refusal.value.message
    assert reason in refusal.value.message
    assert "WITHOUT_BACKUP=1" in refusal.value.message
    last_copies.expect("acme/prod", copies, without_backup=True)


def test_after_a_killed_purge_nobody_has_to_answer_again(
    workspace: Workspace, part: BackupPart
) -> None:
    part.answers["files"] = "it does not run"
    workspace.write_files()
    last_backup.remember(workspace, LastBackup(begun=NOW, survives=True))
    assert last_copies.find(workspace, stack(), ITEMS) == [LastCopy(service="reports", at=NOW)]
