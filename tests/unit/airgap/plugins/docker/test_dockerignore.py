"""The rules of `.dockerignore`, in the cases in which versions of them usually differ."""

from __future__ import annotations

from pathlib import Path

import pytest

from airgap.plugins.docker.dockerignore import files, parse, read_rules
from airgap.plugins.resource import Failed

TREE = ("Dockerfile", "a.md", "a/b/c.txt", "a/keep.md", "a/x.md", "b", "d/.git/config", "f.pyc")


@pytest.fixture
def context(tmp_path: Path) -> Path:
    for name in TREE:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def kept(context: Path, text: str) -> set[str]:
    return {path for path, entry in files(context, parse(text)) if entry.is_file()}


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        ("", set()),
        ("# a comment\n\n", set()),
        ("*.md", {"a.md"}),
        ("**/*.md", {"a.md", "a/keep.md", "a/x.md"}),
        ("a", {"a/b/c.txt", "a/keep.md", "a/x.md"}),
        ("/a/", {"a/b/c.txt", "a/keep.md", "a/x.md"}),
        ("./a/b", {"a/b/c.txt"}),
        ("**/.git", {"d/.git/config"}),
        (".git", set()),
        ("?", {"a/b/c.txt", "a/keep.md", "a/x.md", "b", "d/.git/config"}),
        ("*.py[co]", {"f.pyc"}),
        ("a\n!a/keep.md", {"a/b/c.txt", "a/x.md"}),
        ("!a/keep.md\na", {"a/b/c.txt", "a/keep.md", "a/x.md"}),
        ("*\n!Dockerfile\n!b", set(TREE) - {"Dockerfile", "b"}),
        ("a/**", {"a/b/c.txt", "a/keep.md", "a/x.md"}),
    ],
)
def test_these_files_are_left_out(context: Path, text: str, left_out: set[str]) -> None:
    assert kept(context, text) == set(TREE) - left_out


def test_everything_comes_in_the_order_of_names_and_directories_first(context: Path) -> None:
    paths = [path for path, _ in files(context, parse("d"))]
    assert paths == [
        "Dockerfile",
        "a",
        "a/b",
        "a/b/c.txt",
        "a/keep.md",
        "a/x.md",
        "a.md",
        "b",
        "f.pyc",
    ]


def test_rules_beside_the_dockerfile_come_before_those_of_the_context(context: Path) -> None:
    (context / ".dockerignore").write_text("a\n")
    assert read_rules(context, context / "Dockerfile") == parse("a\n")
    (context / "Dockerfile.dockerignore").write_text("b\n")
    assert read_rules(context, context / "Dockerfile") == parse("b\n")


def test_a_broken_pattern_is_named() -> None:
    with pytest.raises(Failed, match=r"no pattern for a build context: a\[b"):
        parse("ok\na[b\n")
