"""Which copies of a service's files a request is for."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from backup.config import OffsiteConfig
from backup.errors import BackupError
from backup.layout import Layout
from backup.offsite import requests
from backup.offsite.restic import Repository, Snapshot

CONFIG = OffsiteConfig(
    repository="s3:https://s3.example.com/acme/prod/backups",
    region=None,
    access_key_file=Path("/access"),
    secret_key_file=Path("/secret"),
    passphrase_file=Path("/passphrase"),
    ca_file=None,
    schedule="*/10 * * * *",
)


def snapshot(identity: str, second: float, volume: str = "data") -> Snapshot:
    time = datetime.fromtimestamp(1_764_500_000 + second, UTC)
    return Snapshot(id=identity, time=time, tags=frozenset({f"volume-{volume}"}))


@pytest.fixture(autouse=True)
def addresses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The repositories that were asked; each has the same copies."""
    asked: list[str] = []

    def snapshots(repository: Repository) -> list[Snapshot]:
        asked.append(repository.address)
        return [snapshot("a", 0), snapshot("b", 60.5), snapshot("m", 61, "models")]

    monkeypatch.setattr(Repository, "snapshots", snapshots)
    return asked


def chosen(second: float | None) -> dict[str, str]:
    at = None if second is None else datetime.fromtimestamp(1_764_500_000 + second, UTC)
    return {name: one.id for name, one in requests.choose(CONFIG, "reports", at).items()}


def test_each_volume_has_the_newest_copy_of_the_moment(addresses: list[str]) -> None:
    assert chosen(None) == {"data": "b", "models": "m"}
    assert chosen(60) == {"data": "b"}  # the list shows it with whole seconds
    assert chosen(59) == {"data": "a"}
    with pytest.raises(BackupError, match="no copy of the files of reports from 2025-11-30"):
        chosen(-1)
    assert set(addresses) == {"https://s3.example.com/acme/prod/files/reports"}


def test_a_request_is_there_until_it_is_withdrawn(tmp_path: Path) -> None:
    places = Layout(directory=tmp_path)
    request = requests.write(places, "reports", {"data": snapshot("a", 0)})
    assert request.copies == {"data": "a"}
    assert request.id in (requests.read(places, "reports") or b"").decode()
    assert requests.read(places, "other") is None
    requests.discard(places, "reports")
    assert requests.read(places, "reports") is None


@pytest.mark.parametrize("name", ["../records", "", "a/b", "Reports"])
def test_a_name_leads_to_no_other_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "records.json").write_text("{}")
    assert requests.read(Layout(directory=tmp_path), name) is None
    with pytest.raises(BackupError, match="is not the name of a service"):
        requests.discard(Layout(directory=tmp_path), name)
