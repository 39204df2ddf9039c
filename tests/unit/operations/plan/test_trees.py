"""The two trees: the commit that the work grew from, and the work as it lies there."""

import subprocess
from pathlib import Path

import click
import pytest

from operations.plan import trees


def git(directory: Path, *arguments: str) -> str:
    # Neither a name nor a hook of whoever runs the tests.
    own = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "core.hooksPath=/dev/null"]
    return subprocess.run(
        ["git", *own, *arguments], cwd=directory, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A branch `work` with one commit, and `main` that went on without it."""
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=main")
    (root / ".gitignore").write_text("ignored\n")
    (root / "a").write_text("first")
    (root / "requirements.txt").write_text("pulumi==1\n")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "First")
    git(root, "checkout", "--quiet", "-b", "work")
    (root / "a").write_text("second")
    git(root, "commit", "--quiet", "-a", "-m", "Second")
    git(root, "checkout", "--quiet", "main")
    (root / "b").write_text("elsewhere")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "Elsewhere")
    git(root, "checkout", "--quiet", "work")
    monkeypatch.setattr(trees, "ROOT", root)
    return root


def test_the_base_is_where_the_work_began_and_not_what_was_added_since(repository: Path) -> None:
    base = trees.base("main")
    assert base == git(repository, "rev-parse", "main~1")
    assert trees.described(base).partition(" ")[2] == "First"


def test_a_base_that_is_not_there_is_named(repository: Path) -> None:
    with pytest.raises(click.ClickException, match=r"no common commit of origin/main and HEAD: .*"):
        trees.base("origin/main")


def test_a_base_without_a_common_commit_says_that_a_shallow_clone_may_lack_it(
    repository: Path,
) -> None:
    git(repository, "checkout", "--quiet", "--orphan", "other")
    git(repository, "commit", "--quiet", "-m", "Other")
    with pytest.raises(click.ClickException, match="a shallow clone may lack it"):
        trees.base("main")


def test_the_head_is_the_tree_as_it_is_with_new_files_and_without_ignored_ones(
    repository: Path, tmp_path: Path
) -> None:
    (repository / "a").write_text("third")
    (repository / "new").write_text("new")
    (repository / "ignored").write_text("ignored")
    before = git(repository, "status", "--porcelain")
    trees.extract(trees.head(), tmp_path / "tree")
    found = {path.name: path.read_text() for path in (tmp_path / "tree").iterdir()}
    assert {name: found.get(name) for name in ("a", "new", "ignored", "b")} == {
        "a": "third",
        "new": "new",
        "ignored": None,
        "b": None,
    }
    assert git(repository, "status", "--porcelain") == before


def test_a_commit_is_laid_out_as_it_was(repository: Path, tmp_path: Path) -> None:
    trees.extract(trees.base("main"), tmp_path / "tree")
    assert (tmp_path / "tree" / "a").read_text() == "first"


def test_a_tree_that_asks_for_the_same_packages_uses_these(
    repository: Path, tmp_path: Path
) -> None:
    said: list[str] = []
    trees.extract(trees.head(), tmp_path / "tree")
    found = trees.virtualenv(tmp_path / "tree", tmp_path / "packages", said.append)
    assert found == repository / ".venv"
    assert said == []


def test_a_tree_that_asks_for_others_gets_packages_of_its_own(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trees.extract(trees.head(), tmp_path / "tree")
    (tmp_path / "tree" / "requirements.txt").write_text("pulumi==2\n")
    asked: list[list[str]] = []
    monkeypatch.setattr(
        "operations.plan.trees.subprocess.run", lambda command, **_: asked.append(command)
    )
    said: list[str] = []
    packages = tmp_path / "packages"
    assert trees.virtualenv(tmp_path / "tree", packages, said.append) == packages
    made, installed = asked
    assert made[1:] == ["-m", "venv", str(packages)]
    assert installed[:2] == [str(packages / "bin" / "pip"), "install"]
    assert installed[-2:] == ["--requirement", str(tmp_path / "tree" / "requirements.txt")]
    assert said == ["requirements.txt differs: packages of its own"]
