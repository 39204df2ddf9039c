"""The two trees of a pull request, its base and its head, each extracted into a directory."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from airgap.report import Report
from operations.workspace import ROOT

REQUIREMENTS = "requirements.txt"


def base(ref: str) -> str:
    """The latest common commit of `ref` and the head.

    Later commits of `ref` are not part of the pull request, so the plan must not show them as
    removed.
    """
    try:
        return _git("merge-base", ref, "HEAD")
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip()
        if "Not a valid object name" in reason:
            raise click.ClickException(f"git does not know the commit {ref}: set BASE") from None
        reason = reason or "a shallow clone may lack it"
        raise click.ClickException(f"{ref} and HEAD have no common commit: {reason}") from None


def head() -> str:
    """The id of a git tree with all files of the working tree that git does not ignore."""
    with TemporaryDirectory() as scratch:
        index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
        _git("read-tree", "HEAD", **index)
        _git("add", "--all", ".", **index)
        return _git("write-tree", **index)


def description(commit: str) -> str:
    """The short hash and the subject of a commit."""
    return _git("log", "-1", "--format=%h %s", commit)


def extract(tree: str, directory: Path) -> None:
    """Extract a commit or a tree into a directory."""
    directory.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", tree], cwd=ROOT, check=True, capture_output=True)
    subprocess.run(["tar", "-x"], cwd=directory, input=archive.stdout, check=True)


def virtualenv(tree: Path, directory: Path, report: Report) -> Path:
    """A virtual environment with a tree's packages: this tree's own where both need the same."""
    requirements = tree / REQUIREMENTS
    if requirements.read_bytes() == (ROOT / REQUIREMENTS).read_bytes():
        return ROOT / ".venv"
    report(f"{REQUIREMENTS} differs: installing its packages")
    subprocess.run([sys.executable, "-m", "venv", str(directory)], check=True)
    pip = [str(directory / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--requirement", str(requirements)], check=True)
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
