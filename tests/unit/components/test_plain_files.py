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


def test_a_files_text_is_not_filled_even_if_it_looks_like_a_template(root: Path) -> None:
    text = plain_files.text("files/b.yml")
    assert text == Text(template="the content of files/b.yml, and ${this}")
    assert text.fill({}) == (root / "files" / "b.yml").read_text()


def test_the_files_below_a_directory_have_relative_paths_in_order(root: Path) -> None:
    files = list(plain_files.texts("files"))
    assert [name for name, _ in files] == ["a/c.json", "a.yml", "b.yml"]
    assert dict(files)["a/c.json"] == plain_files.text("files/a/c.json")


def test_only_files_that_match_the_pattern_are_read(root: Path) -> None:
    assert [name for name, _ in plain_files.texts("files", "*.yml")] == ["a.yml", "b.yml"]
