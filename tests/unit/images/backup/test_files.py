"""Copies of the volumes of a service."""

from pathlib import Path

import pytest

from backup import lock
from backup.config import OffsiteConfig
from backup.errors import BackupError, Busy
from backup.offsite import files
from backup.offsite.files import Copies, FilesConfig
from backup.offsite.restic import OffsiteError, Repository

NONE = Path("/none")
BUCKET = OffsiteConfig(
    repository="s3:https://s3.example.com/acme/files/reports",
    region=None,
    access_key_file=NONE,
    secret_key_file=NONE,
    passphrase_file=NONE,
    ca_file=None,
    schedule="*/10 * * * *",
)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What is done with a repository that exists."""
    calls: list[str] = []
    monkeypatch.setattr(files, "LOCK", tmp_path_factory.mktemp("lock") / "files.lock")

    def run(self: Repository, *arguments: str, directory: Path | None = None) -> str:
        calls.append(arguments[0])
        return {"backup": '{"data_added": 1}', "snapshots": "[]"}.get(arguments[0], "")

    monkeypatch.setattr(Repository, "run", run)
    return calls


def copies(volume: Path) -> Copies:
    config = FilesConfig(
        service="reports", volumes={"data": volume}, days=7, requests=None, offsite=BUCKET
    )
    return Copies(config)


def test_a_copy_on_demand_takes_nothing_away_and_a_scheduled_one_puts_in_order_once_a_day(
    calls: list[str], tmp_path: Path
) -> None:
    (tmp_path / "report").touch()
    some = copies(tmp_path)
    some.run(keep=False)
    assert calls == ["cat", "backup"]
    calls.clear()
    some.run()
    some.run()
    assert calls == ["cat", "backup", "snapshots", "prune", "check", "cat", "backup"]
    assert some.result
    assert some.result.ok


def test_a_failure_is_remembered_and_keeps_the_time_of_the_last_copy(
    calls: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "report").touch()
    some = copies(tmp_path)
    some.run()
    complete = some.complete

    def gone(*_: object, **__: object) -> str:
        raise OffsiteError("the bucket does not answer")

    monkeypatch.setattr(Repository, "run", gone)
    with pytest.raises(BackupError):
        some.run()
    assert some.result
    assert (some.result.ok, some.result.reason) == (False, "the bucket does not answer")
    assert some.complete == complete


def test_a_volume_without_files_needs_no_copy_and_is_no_failure(
    calls: list[str], tmp_path: Path
) -> None:
    """restic fails where a snapshot would have no files, as that of a service's first minutes."""
    (tmp_path / "lost+found").mkdir()
    (tmp_path / ".ai-platform").mkdir()
    some = copies(tmp_path)
    some.run(keep=False)
    assert "backup" not in calls
    assert some.result
    assert some.result.ok
    (tmp_path / "report").touch()
    some.run(keep=False)
    assert "backup" in calls


def test_two_copies_never_run_at_once(
    calls: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WAIT", 0.0)
    (tmp_path / "report").touch()
    with lock.only(files.LOCK, "files now"), pytest.raises(Busy):
        copies(tmp_path).run()
    assert calls == []
