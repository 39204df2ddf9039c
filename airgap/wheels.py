"""Wheels for an image's build context, for builds that cannot reach a package index."""

import hashlib
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from airgap import directories
from airgap.command import run
from airgap.report import Report
from components import dockerfile

PYTHON = "3.11.2"
"""Debian 12's version. For `3.11`, pip would leave out what only old patch releases need."""

STAMP = "contents.txt"
"""The digest of the requirements, then the names of the wheels."""


def ensure(context: Path, recipe: str, report: Report) -> None:
    """Have the wheels of one image in its build context, if it has a requirements file.

    `api.Dockerfile` has requirements/api.txt and wheels/api, so that two images of a context do not
    mix theirs. A plain `Dockerfile` has requirements.txt and wheels.
    """
    name = dockerfile.own_name(recipe)
    requirements = context / (f"requirements/{name}.txt" if name else "requirements.txt")
    if requirements.exists():
        download(requirements, context / "wheels" / (name or ""), report)


def download(requirements: Path, into: Path, report: Report) -> None:
    """Put the wheels of a requirements file into a folder, and no others.

    A cache keeps them for the next clone of this tree. A folder whose wheels are complete and of
    these requirements stays as it is. Raises AirgapError, with the folder unchanged, when pip
    cannot download a wheel.
    """
    digest = hashlib.sha256(PYTHON.encode() + requirements.read_bytes()).hexdigest()
    if _current(into, digest):
        return
    cache = directories.cache() / "wheels" / digest[:16]
    if not _current(cache, digest):
        names = _fetch(requirements, cache, digest)
        report(f"{len(names)} wheels for {requirements} downloaded")
    into.mkdir(parents=True, exist_ok=True)
    for path in (into / STAMP, *into.glob("*.whl")):
        path.unlink(missing_ok=True)
    for wheel in cache.glob("*.whl"):
        shutil.copyfile(wheel, into / wheel.name)
    shutil.copyfile(cache / STAMP, into / STAMP)


def _fetch(requirements: Path, into: Path, digest: str) -> list[str]:
    """Download into a folder; return the names of the wheels."""
    into.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=into.parent) as scratch:
        run(
            sys.executable, "-m", "pip", "download", "--quiet",
            "--python-version", PYTHON, "--only-binary", ":all:",
            "--requirement", requirements, "--dest", scratch,
        )  # fmt: skip
        wheels = sorted(Path(scratch).glob("*.whl"))
        for path in into.glob("*.whl"):
            path.unlink()
        for wheel in wheels:
            wheel.replace(into / wheel.name)
    names = [wheel.name for wheel in wheels]
    (into / STAMP).write_text("\n".join([digest, *names]) + "\n")
    return names


def _current(folder: Path, digest: str) -> bool:
    """Whether the folder holds exactly the wheels of the requirements with this digest."""
    stamp = folder / STAMP
    if not stamp.exists():
        return False
    stamp_digest, *names = stamp.read_text().splitlines()
    wheels = sorted(wheel.name for wheel in folder.glob("*.whl"))
    return stamp_digest == digest and wheels == names
