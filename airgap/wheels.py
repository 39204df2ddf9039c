"""Wheels for an image's build context: inside the build there may be no package index."""

import hashlib
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from airgap import places
from airgap.command import run

PYTHON = "3.11.2"
"""Debian 12's. For 3.11 alone, pip would leave out what only old patch releases need."""

STAMP = "contents.txt"
"""What the folder was made from, then its wheels: the same for the same wheels."""

Report = Callable[[str], None]


def download(requirements: Path, into: Path, report: Report) -> None:
    """Have the wheels of a requirements file in a folder, and no others.

    They are kept for the next clone of this tree. Does nothing where the requirements did not
    change and every wheel is there. Raises AirgapError, with the folder as it was, when a wheel
    cannot be had.
    """
    wanted = hashlib.sha256(PYTHON.encode() + requirements.read_bytes()).hexdigest()
    if _current(into, wanted):
        return
    kept = places.cache() / "wheels" / wanted[:16]
    if not _current(kept, wanted):
        names = _fetch(requirements, kept, wanted)
        report(f"{len(names)} wheels for {requirements} downloaded")
    into.mkdir(parents=True, exist_ok=True)
    for old in (into / STAMP, *into.glob("*.whl")):
        old.unlink(missing_ok=True)
    for wheel in kept.glob("*.whl"):
        shutil.copyfile(wheel, into / wheel.name)
    shutil.copyfile(kept / STAMP, into / STAMP)


def _fetch(requirements: Path, into: Path, wanted: str) -> list[str]:
    """Download into a folder; the names of the wheels."""
    into.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=into.parent) as scratch:
        run(
            sys.executable, "-m", "pip", "download", "--quiet",
            "--python-version", PYTHON, "--only-binary", ":all:",
            "--requirement", requirements, "--dest", scratch,
        )  # fmt: skip
        fresh = sorted(Path(scratch).glob("*.whl"))
        for old in into.glob("*.whl"):
            old.unlink()
        for wheel in fresh:
            wheel.replace(into / wheel.name)
    names = [wheel.name for wheel in fresh]
    (into / STAMP).write_text("\n".join([wanted, *names]) + "\n")
    return names


def _current(folder: Path, wanted: str) -> bool:
    stamp = folder / STAMP
    if not stamp.exists():
        return False
    made_from, *names = stamp.read_text().splitlines()
    present = sorted(wheel.name for wheel in folder.glob("*.whl"))
    return made_from == wanted and present == names
