"""The tag of an image that is built from source."""

from pathlib import Path

import pytest

from components.sources import tag


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").write_text("print()")
    (tmp_path / "Dockerfile").write_text("FROM x")
    return tmp_path


def test_it_is_twelve_hexadecimal_digits_and_stays(context: Path) -> None:
    assert len(tag(context, "base:1")) == 12
    assert int(tag(context, "base:1"), 16) >= 0
    assert tag(context, "base:1") == tag(context, "base:1")


def test_it_changes_with_the_content_the_name_and_the_number_of_files(context: Path) -> None:
    found = {tag(context, "base:1")}
    (context / "app" / "main.py").write_text("print(1)")
    found.add(tag(context, "base:1"))
    (context / "app" / "main.py").rename(context / "app" / "other.py")
    found.add(tag(context, "base:1"))
    (context / "app" / "empty.py").touch()
    found.add(tag(context, "base:1"))
    assert len(found) == 4


def test_what_python_and_the_machine_leave_behind_does_not_change_it(context: Path) -> None:
    before = tag(context, "base:1")
    (context / "app" / "__pycache__").mkdir()
    (context / "app" / "__pycache__" / "main.pyc").write_text("x")
    (context / "wheels").mkdir()
    (context / "wheels" / "x.whl").write_text("x")
    assert tag(context, "base:1") == before


def test_a_change_that_moves_content_between_files_is_seen(tmp_path: Path) -> None:
    """Name and content are told apart, so that no two trees look the same."""
    one, other = tmp_path / "one", tmp_path / "other"
    for directory, files in ((one, {"a": "1b", "c": ""}), (other, {"a": "1", "b": "", "c": ""})):
        directory.mkdir()
        for name, text in files.items():
            (directory / name).write_text(text)
    assert tag(one, "base:1") != tag(other, "base:1")


def test_it_changes_with_the_base(context: Path) -> None:
    assert tag(context, "base:1") != tag(context, "base:2")
