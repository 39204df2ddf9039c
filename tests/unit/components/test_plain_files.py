"""Files of the repository that containers read as they are."""

from pathlib import Path

import pytest

from components import plain_files
from components.text import Text


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for path in ("files/b.yml", "files/a/c.json", "files/a.yml", "other/x.yml"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"the content of {path}, and ${{this}}")
    monkeypatch.setattr(plain_files, "ROOT", tmp_path)
    return tmp_path


def test_a_file_is_taken_as_it_is_whatever_looks_like_a_place_for_a_secret(root: Path) -> None:
    text = plain_files.text("files/b.yml")
    assert text == Text(template="the content of files/b.yml, and ${this}")
    assert text.fill({}) == (root / "files" / "b.yml").read_text()


def test_the_files_below_a_directory_come_with_their_paths_from_there_in_order(root: Path) -> None:
    files = list(plain_files.texts("files"))
    assert [name for name, _ in files] == ["a/c.json", "a.yml", "b.yml"]
    assert dict(files)["a/c.json"] == plain_files.text("files/a/c.json")


def test_only_the_files_of_a_pattern_are_taken(root: Path) -> None:
    assert [name for name, _ in plain_files.texts("files", "*.yml")] == ["a.yml", "b.yml"]
