"""Copies of the volumes of a service."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from backup import lock
from backup.config import OffsiteConfig
from backup.errors import BackupError, Busy
from backup.offsite import bring_back, files, owner
from backup.offsite.files import Copies, FilesConfig
from backup.offsite.owner import OtherVolume
from backup.offsite.requests import Request
from backup.offsite.restic import OffsiteError, Repository, Snapshot

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


def config(**volumes: Path) -> FilesConfig:
    return FilesConfig(
        service="reports", volumes=volumes, days=7, requests="http://backup", offsite=BUCKET
    )


def copies(volume: Path) -> Copies:
    owner.give(volume)
    return Copies(config(data=volume))


def test_a_copy_on_demand_takes_nothing_away_and_a_scheduled_one_puts_in_order_once_a_day(
    calls: list[str], tmp_path: Path
) -> None:
    (tmp_path / "report").touch()
    some = copies(tmp_path)
    some.run(keep=False)
    assert calls == ["cat", "snapshots", "backup"]
    calls.clear()
    some.run()
    some.run()
    copy = ["cat", "snapshots", "backup"]
    assert calls == [*copy, "snapshots", "prune", "check", *copy]
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


@dataclass
class Bucket:
    """A repository with copies, the oldest first: the names of the files and the tags of each."""

    copies: list[tuple[Sequence[str], Sequence[str]]] = field(default_factory=list)

    def run(self, *arguments: str, directory: Path | None = None) -> str:
        match arguments[0]:
            case "backup":
                assert directory
                tags = next(one for one in arguments if one.startswith("--tag="))[6:].split(",")
                names = sorted(path.name for path in directory.iterdir() if path.name != owner.OWN)
                self.copies.append((names, tags))
                return '{"data_added": 1}'
            case "snapshots":
                time = "2026-11-30T22:13:{:02}Z"
                rows = enumerate(self.copies)
                return json.dumps(
                    [{"id": str(n), "time": time.format(n), "tags": tags} for n, (_, tags) in rows]
                )
        return ""

    def restore(self, snapshot: Snapshot, target: Path) -> None:
        target.mkdir()
        for name in self.copies[int(snapshot.id)][0]:
            (target / name).touch()


@pytest.fixture
def bucket(calls: list[str], monkeypatch: pytest.MonkeyPatch) -> Bucket:
    bucket = Bucket()
    monkeypatch.setattr(
        Repository, "run", lambda _, *arguments, **more: bucket.run(*arguments, **more)
    )
    monkeypatch.setattr(Repository, "restore", lambda _, *arguments: bucket.restore(*arguments))
    monkeypatch.setattr(Repository, "size", lambda *_: 1)
    return bucket


def volume(folder: Path, *names: str) -> Path:
    """A volume with its id, and with what the service writes at its start."""
    folder.mkdir()
    owner.give(folder)
    for name in names:
        (folder / name).touch()
    return folder


def test_a_new_volume_does_not_become_the_newest_copy_of_one_that_was_lost(
    bucket: Bucket, tmp_path: Path
) -> None:
    """Other volumes of the service are copied nevertheless."""
    kept, lost = volume(tmp_path / "kept", "model"), volume(tmp_path / "lost", "report", "seed")
    Copies(config(models=kept, data=lost)).run(keep=False)
    before = len(bucket.copies)
    new = volume(tmp_path / "new", "seed")
    some = Copies(config(data=new, models=kept))
    with pytest.raises(OtherVolume, match=r"another data.*make restore FILES=reports.*--adopt"):
        some.run(keep=False)
    assert some.result
    assert not some.result.ok
    assert some.complete is None
    assert [names for names, _ in bucket.copies[before:]] == [["model"]]


def test_a_new_volume_that_is_still_empty_says_that_it_is_another_one(
    bucket: Bucket, tmp_path: Path
) -> None:
    Copies(config(data=volume(tmp_path / "lost", "report"))).run(keep=False)
    new = volume(tmp_path / "new")
    for adopt in (False, True):
        with pytest.raises(OtherVolume):
            Copies(config(data=new)).run(keep=False, adopt=adopt)


def test_a_volume_goes_on_with_the_copies_of_another_one_after_it_was_restored(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if what came back is not the newest copy, and is of a third volume."""
    Copies(config(data=volume(tmp_path / "first", "oldest"))).run(keep=False)
    second = Copies(config(data=volume(tmp_path / "second", "newest")))
    second.run(keep=False, adopt=True)
    new = volume(tmp_path / "new", "seed")
    monkeypatch.setattr(bring_back, "_ask", lambda _: Request(id="r1", copies={"data": "0"}))
    bring_back.run(config(data=new))
    Copies(config(data=new)).run(keep=False)
    assert [names for names, _ in bucket.copies] == [["oldest"], ["newest"], ["oldest"]]


def test_a_volume_goes_on_with_its_own_files_after_it_adopted_the_copies(
    bucket: Bucket, tmp_path: Path
) -> None:
    Copies(config(data=volume(tmp_path / "lost", "report"))).run(keep=False)
    new = volume(tmp_path / "new", "seed")
    Copies(config(data=new)).run(keep=False, adopt=True)
    some = Copies(config(data=new))
    some.run(keep=False)
    assert some.result
    assert some.result.ok


def test_the_step_gives_a_volume_its_id_once_and_never_keeps_the_service_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bring_back, "_ask", lambda _: None)
    new = tmp_path / "new"
    new.mkdir()
    bring_back.run(config(data=new))
    identity = owner.read(new)
    bring_back.run(config(data=new))
    assert owner.read(new) == identity
    (tmp_path / "file").touch()
    bring_back.run(config(data=tmp_path / "file"))
    with pytest.raises(OffsiteError, match="gets one when the service starts again"):
        owner.read(tmp_path / "file")


def test_a_repair_sends_everything_again_and_proves_it(
    calls: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Repository, "suspects", lambda _: [])
    (tmp_path / "report").touch()
    copies(tmp_path).repair()
    assert calls == ["rebuild-index", "cat", "snapshots", "backup", "check"]
