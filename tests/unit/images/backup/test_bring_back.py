"""A copy that comes back into a volume, interrupted anywhere."""

import io
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from backup import layout
from backup.errors import BackupError
from backup.offsite import bring_back
from backup.offsite.owner import OWN

NOW = 1_764_500_000.0
BEFORE = f"{OWN}/before-20251130T105320Z"


class Killed(Exception):
    pass


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    volume = tmp_path / "volume"
    (volume / "reports").mkdir(parents=True)
    (volume / "reports/old.txt").write_text("old")
    (volume / "same.txt").write_text("old")
    (volume / "lost+found").mkdir()
    return volume


def fetch(target: Path) -> None:
    target.mkdir()
    (target / "reports").mkdir()
    (target / "reports/new.txt").write_text("new")
    (target / "same.txt").write_text("new")


def restored(volume: Path) -> dict[str, str]:
    return {
        str(path.relative_to(volume)): path.read_text() for path in sorted(volume.rglob("*.txt"))
    }


AFTER = {
    "reports/new.txt": "new",
    "same.txt": "new",
    f"{BEFORE}/reports/old.txt": "old",
    f"{BEFORE}/same.txt": "old",
}


def test_what_was_there_is_set_aside(volume: Path) -> None:
    bring_back.bring_back(volume, "r1", 10, fetch, NOW)
    assert restored(volume) == AFTER
    assert (volume / "lost+found").is_dir()


def test_the_same_request_is_done_once(volume: Path) -> None:
    bring_back.bring_back(volume, "r1", 10, fetch, NOW)
    (volume / "same.txt").write_text("written since")
    bring_back.bring_back(volume, "r1", 10, fetch, NOW + 60)
    assert restored(volume) == {**AFTER, "same.txt": "written since"}


def moments(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Count what changes the volume, and fail at one of these moments."""
    rename, write = Path.rename, layout.replace
    for moment in range(1, 20):
        count = [0]

        def step(count: list[int] = count, moment: int = moment) -> None:
            count[0] += 1
            if count[0] == moment:
                raise Killed

        def renaming(path: Path, target: Path, step=step) -> Path:  # type: ignore[no-untyped-def]
            step()
            return rename(path, target)

        def writing(path: Path, content: str, step=step) -> None:  # type: ignore[no-untyped-def]
            step()
            new = path.with_suffix(".new")
            new.write_text(content)
            new.replace(path)

        monkeypatch.setattr(Path, "rename", renaming)
        monkeypatch.setattr(layout, "replace", writing)
        yield count
        monkeypatch.setattr(Path, "rename", rename)
        monkeypatch.setattr(layout, "replace", write)


def test_it_goes_on_after_it_was_killed_at_any_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = 0
    for number, _ in enumerate(moments(monkeypatch)):
        volume = tmp_path / str(number)
        (volume / "reports").mkdir(parents=True)
        (volume / "reports/old.txt").write_text("old")
        (volume / "same.txt").write_text("old")
        try:
            bring_back.bring_back(volume, "r1", 10, fetch, NOW)
        except Killed:
            killed += 1
            monkeypatch.undo()
            bring_back.bring_back(volume, "r1", 10, fetch, NOW)
        assert restored(volume) == AFTER, number
    assert killed >= 7


def test_without_room_nothing_is_changed(volume: Path) -> None:
    with pytest.raises(BackupError, match="the copy takes 1048576 MiB"):
        bring_back.bring_back(volume, "r1", 1 << 40, fetch, NOW)
    assert restored(volume) == {"reports/old.txt": "old", "same.txt": "old"}


def test_on_a_cluster_the_backup_part_is_asked_until_its_policies_know_the_pod(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rejected = iter([True, True, False])

    def urlopen(url: str, timeout: float) -> io.BytesIO:
        if next(rejected):
            raise urllib.error.URLError("Connection refused")
        return io.BytesIO(b'{"id": "r1", "copies": {"data": "one"}}')

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    request = bring_back._ask("http://backup:9747/requests/notes")
    assert request
    assert request.copies == {"data": "one"}


def test_an_engine_rejects_nothing_for_a_while_so_nobody_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[str] = []

    def urlopen(url: str, timeout: float) -> io.BytesIO:
        calls.append(url)
        raise urllib.error.URLError("Connection refused")

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    assert bring_back._ask("http://backup:9747/requests/notes") is None
    assert len(calls) == 1
