"""The two trees that a pull request is about, each laid out in a directory of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from operations.workspace import ROOT

REQUIREMENTS = "requirements.txt"


def base(ref: str) -> str:
    """The commit that the head grew from: where its history meets the one of `ref`.

    What was added to `ref` since is not the pull request's, and not shown as taken away by it.
    """
    try:
        return _git("merge-base", ref, "HEAD")
    except subprocess.CalledProcessError as error:
        why = error.stderr.strip() or "they share no commit; a shallow clone may lack it"
        raise click.ClickException(f"no common commit of {ref} and HEAD: {why}") from None


def head() -> str:
    """What git knows or would know of the working tree, committed or not, as a tree of its own."""
    with TemporaryDirectory() as scratch:
        index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
        _git("read-tree", "HEAD", **index)
        _git("add", "--all", ".", **index)
        return _git("write-tree", **index)


def described(commit: str) -> str:
    """A commit in a few words: its short name and its subject."""
    return _git("log", "-1", "--format=%h %s", commit)


def extract(tree: str, directory: Path) -> None:
    """Lay a commit or a tree out in a directory."""
    directory.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", tree], cwd=ROOT, check=True, capture_output=True)
    subprocess.run(["tar", "-x"], cwd=directory, input=archive.stdout, check=True)


def virtualenv(tree: Path, directory: Path, report: Callable[[str], None]) -> Path:
    """The packages that a tree asks for: this tree's own where it asks for the same."""
    wanted = tree / REQUIREMENTS
    if wanted.read_bytes() == (ROOT / REQUIREMENTS).read_bytes():
        return ROOT / ".venv"
    report(f"{REQUIREMENTS} differs: packages of its own")
    subprocess.run([sys.executable, "-m", "venv", str(directory)], check=True)
    pip = [str(directory / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--requirement", str(wanted)], check=True)
    return directory


def _git(*arguments: str, **environment: str) -> str:
    return subprocess.run(
        ["git", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
