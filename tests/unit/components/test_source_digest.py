"""Digests of the source of an image, and the tag that is made of one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from components.source_digest import digest, tag


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").write_text("print()")
    (tmp_path / "Dockerfile").write_text("FROM x")
    return tmp_path


CHANGES: dict[str, Callable[[Path], object]] = {
    "content": lambda app: (app / "main.py").write_text("print(1)"),
    "a file's name": lambda app: (app / "main.py").rename(app / "other.py"),
    "a further file": lambda app: (app / "empty.py").touch(),
    "an executable bit": lambda app: (app / "main.py").chmod(0o755),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_digest_changes_with(context: Path, what: str) -> None:
    before = digest(context)
    assert digest(context) == before
    CHANGES[what](context / "app")
    assert digest(context) != before


def test_what_python_and_the_machine_leave_behind_does_not_change_it(context: Path) -> None:
    before = digest(context)
    (context / "app" / "__pycache__").mkdir()
    (context / "app" / "__pycache__" / "main.pyc").write_text("x")
    (context / "wheels").mkdir()
    (context / "wheels" / "x.whl").write_text("x")
    assert digest(context) == before


def test_it_changes_with_what_is_said_besides(context: Path) -> None:
    assert len({digest(context), digest(context, "base"), digest(context, "renewed base")}) == 3


def test_a_change_that_moves_content_between_files_is_seen(tmp_path: Path) -> None:
    """Name and content are told apart, so that no two trees look the same."""
    one, other = tmp_path / "one", tmp_path / "other"
    for directory, files in ((one, {"a": "1b", "c": ""}), (other, {"a": "1", "b": "", "c": ""})):
        directory.mkdir()
        for name, text in files.items():
            (directory / name).write_text(text)
    assert digest(one) != digest(other)


def test_a_tag_is_twelve_hexadecimal_digits() -> None:
    digits = tag("source", "base:1", "linux/amd64")
    assert len(digits) == 12
    assert int(digits, 16) >= 0
    assert tag("source", "base:1", "linux/amd64") == digits


def test_a_tag_changes_with_the_source_the_base_and_the_platform() -> None:
    tags = {
        tag("source", "base:1", "linux/amd64"),
        tag("changed", "base:1", "linux/amd64"),
        tag("source", "base:2", "linux/amd64"),
        tag("source", "base:1", "linux/arm64"),
    }
    assert len(tags) == 4
