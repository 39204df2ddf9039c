"""Base backups from the files that Barman writes about them."""

import pytest

from backup import infos
from backup.backups import Backup, Backups
from backup.engine import Catalogue
from backup.errors import BackupError
from backup.layout import Layout

INFO = """backup_label=None
begin_offset=40
begin_time=2026-11-24 02:00:00.500000+00:00
begin_wal=000000010000000000000003
begin_xlog=0/3000028
end_time=2026-11-24 02:00:02+00:00
end_wal=000000010000000000000003
end_xlog=0/3000138
size=31030832
status=DONE
timeline=1
"""


def write(catalogue: Catalogue, identity: str, text: str) -> None:
    path = catalogue.base(identity) / "backup.info"
    path.parent.mkdir(parents=True)
    path.write_text(text)


def test_a_complete_backup_has_all_its_values(catalogue: Catalogue, places: Layout) -> None:
    write(catalogue, "20261124T020000", INFO)
    assert Backups(places).one("20261124T020000") == Backup(
        id="20261124T020000",
        system="7",
        state="done",
        begin=1795485600.5,
        end=1795485602.0,
        size=31030832,
        timeline=1,
        begin_wal="000000010000000000000003",
        end_wal="000000010000000000000003",
        begin_lsn=0x3000028,
        end_lsn=0x3000138,
    )


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (INFO.replace("DONE", "FAILED"), "failed"),
        (INFO.replace("DONE", "WAITING_FOR_WALS"), "waiting for WAL"),
        (INFO.replace("size=31030832", "size=None"), "unreadable"),
        ("", "unreadable"),
    ],
)
def test_another_backup_is_never_done(
    catalogue: Catalogue, places: Layout, text: str, state: str
) -> None:
    write(catalogue, "1", text)
    (backup,) = Backups(places).all()
    assert (backup.state, backup.done, backup.end) == (state, False, None)


def test_an_unknown_id_is_refused(places: Layout) -> None:
    with pytest.raises(BackupError, match="there is no backup 5; `backup list` shows"):
        Backups(places).one("5")


def test_a_backup_without_its_description_is_shown(catalogue: Catalogue, places: Layout) -> None:
    (catalogue.base("1") / "data").mkdir(parents=True)
    assert [one.state for one in Backups(places).all()] == ["unreadable"]


def test_a_later_barman_writes_about_a_backup_in_a_directory_of_its_own(
    catalogue: Catalogue, places: Layout
) -> None:
    write(catalogue, "1", INFO)
    write(catalogue, "2", INFO)
    later = catalogue.directory / "meta" / "2-backup.info"
    later.parent.mkdir()
    later.write_text(INFO.replace("DONE", "FAILED"))
    assert [backup.state for backup in Backups(places).all()] == ["done", "failed"]
    (catalogue.base("2") / "backup.info").unlink()
    assert list(infos.present(catalogue.directory).values()) == [
        catalogue.base("1") / "backup.info",
        later,
    ]
