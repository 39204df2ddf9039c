"""The tree that a snapshot is made of, while Barman goes on in the catalogue."""

from pathlib import Path

import pytest

from backup.offsite import tree

SEGMENT = "wals/0000000100000000/000000010000000000000003"
PARTIAL = "streaming/000000010000000000000004.partial"


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    files = {
        "base/A/backup.info": "id=A\nstatus=DONE\n",
        "base/A/data/PG_VERSION": "15\n",
        "base/A/data/base/1/100": "x" * 60,
        "base/A/data/base/1/200": "y" * 60,
        "base/B/backup.info": "id=B\nstatus=STARTED\n",
        "base/B/data/PG_VERSION": "15\n",
        SEGMENT: "log",
        PARTIAL: "tail",
    }
    home = tmp_path / "catalogue"
    for name, content in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    (home / "base/A/data/pg_notify").mkdir()
    return home


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_the_log_goes_with_the_descriptions_of_complete_base_backups_only(
    catalogue: Path, tmp_path: Path
) -> None:
    tree.link_log(catalogue, tmp_path / "tree")
    assert names(tmp_path / "tree") == {"base/A/backup.info", SEGMENT, PARTIAL}


def test_the_description_that_a_later_barman_wrote_goes_too(
    catalogue: Path, tmp_path: Path
) -> None:
    later = catalogue / "meta/A-backup.info"
    later.parent.mkdir()
    (catalogue / "base/A/backup.info").rename(later)
    tree.link_log(catalogue, tmp_path / "tree")
    assert names(tmp_path / "tree") == {"meta/A-backup.info", SEGMENT, PARTIAL}


def test_what_barman_removes_and_moves_meanwhile_stays_in_the_tree(
    catalogue: Path, tmp_path: Path
) -> None:
    tree.link_log(catalogue, tmp_path / "tree")
    (catalogue / SEGMENT).unlink()
    (catalogue / PARTIAL).rename(catalogue / SEGMENT)
    assert (tmp_path / "tree" / SEGMENT).read_text() == "log"
    assert (tmp_path / "tree" / PARTIAL).read_text() == "tail"


def test_a_segment_that_is_finished_while_it_is_linked_is_not_lost(
    catalogue: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It moves after the unfinished ones were listed."""
    archived = catalogue / "wals/0000000100000000/000000010000000000000004"
    link = tree._link

    def moving(source: Path, target: Path) -> None:
        if source == catalogue / PARTIAL:
            source.rename(archived)
        link(source, target)

    monkeypatch.setattr(tree, "_link", moving)
    tree.link_log(catalogue, tmp_path / "tree")
    assert (tmp_path / "tree" / archived.relative_to(catalogue)).read_text() == "tail"


def test_a_base_backup_goes_in_pieces_with_all_of_its_directories(
    catalogue: Path, tmp_path: Path
) -> None:
    pieces = tree.pieces(catalogue, "A", size=100)
    assert [len(piece) for piece in pieces] == [3, 1]
    sent = set()
    for piece in pieces:
        tree.link_piece(catalogue, "A", piece, tmp_path / "tree")
        assert (tmp_path / "tree/base/A/data/pg_notify").is_dir()
        sent |= names(tmp_path / "tree")
    assert sent == {name for name in names(catalogue) if name.startswith("base/A/")}


def test_a_tree_of_a_killed_run_is_removed(catalogue: Path, tmp_path: Path) -> None:
    (tmp_path / "tree/base/old").mkdir(parents=True)
    tree.link_log(catalogue, tmp_path / "tree")
    assert not (tmp_path / "tree/base/old").exists()
    assert tree.complete(catalogue) == ["A"]
