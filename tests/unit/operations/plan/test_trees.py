"""The two trees: the latest common commit, and the working tree."""

import subprocess
from pathlib import Path

import click
import pytest

from operations.plan import trees


def git(directory: Path, *arguments: str) -> str:
    # Without the name and the hooks of the user who runs the tests.
    options = [
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@example.com",
        "-c",
        "core.hooksPath=/dev/null",
    ]
    return subprocess.run(
        ["git", *options, *arguments], cwd=directory, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A branch `work` with one commit, and `main` with another commit since."""
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


def test_the_base_is_the_latest_common_commit(repository: Path) -> None:
    base = trees.base("main")
    assert base == git(repository, "rev-parse", "main~1")
    assert trees.description(base).partition(" ")[2] == "First"


def test_an_error_names_a_missing_base(repository: Path) -> None:
    with pytest.raises(
        click.ClickException, match="git does not know the commit origin/main: set BASE"
    ):
        trees.base("origin/main")


def test_an_error_says_that_a_shallow_clone_may_lack_the_common_commit(
    repository: Path,
) -> None:
    git(repository, "checkout", "--quiet", "--orphan", "other")
    git(repository, "commit", "--quiet", "-m", "Other")
    with pytest.raises(click.ClickException, match="a shallow clone may lack it"):
        trees.base("main")


def test_the_head_has_new_and_changed_files_but_no_ignored_ones(
    repository: Path, tmp_path: Path
) -> None:
    (repository / "a").write_text("third")
    (repository / "new").write_text("new")
    (repository / "ignored").write_text("ignored")
    before = git(repository, "status", "--porcelain")
    trees.extract(trees.head(), tmp_path / "tree")
    files = {path.name: path.read_text() for path in (tmp_path / "tree").iterdir()}
    assert {name: files.get(name) for name in ("a", "new", "ignored", "b")} == {
        "a": "third",
        "new": "new",
        "ignored": None,
        "b": None,
    }
    assert git(repository, "status", "--porcelain") == before


def test_a_commit_is_extracted(repository: Path, tmp_path: Path) -> None:
    trees.extract(trees.base("main"), tmp_path / "tree")
    assert (tmp_path / "tree" / "a").read_text() == "first"


def test_a_tree_with_the_same_requirements_uses_this_virtual_environment(
    repository: Path, tmp_path: Path
) -> None:
    lines: list[str] = []
    trees.extract(trees.head(), tmp_path / "tree")
    directory = trees.virtualenv(tmp_path / "tree", tmp_path / "packages", lines.append)
    assert directory == repository / ".venv"
    assert lines == []


def test_a_tree_with_other_requirements_gets_its_own_virtual_environment(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trees.extract(trees.head(), tmp_path / "tree")
    (tmp_path / "tree" / "requirements.txt").write_text("pulumi==2\n")
    commands: list[list[str]] = []
    monkeypatch.setattr(
        "operations.plan.trees.subprocess.run", lambda command, **_: commands.append(command)
    )
    lines: list[str] = []
    packages = tmp_path / "packages"
    assert trees.virtualenv(tmp_path / "tree", packages, lines.append) == packages
    create, install = commands
    assert create[1:] == ["-m", "venv", str(packages)]
    assert install[:2] == [str(packages / "bin" / "pip"), "install"]
    assert install[-2:] == ["--requirement", str(tmp_path / "tree" / "requirements.txt")]
    assert lines == ["requirements.txt differs: installing its packages"]
