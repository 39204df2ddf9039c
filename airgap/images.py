"""The `debian` catalogue: images from Debian's packages with the official images' contract.

An image is built when it is missing, when its folder in images/ changed, or when its base
image is newer.
"""

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from airgap import base_image, directories, engine_images
from airgap.command import AirgapError, run
from airgap.program import Program
from airgap.report import Report
from components.images import ENTRIES
from components.plain_files import ROOT
from components.source_digest import digest

SOURCES = Path(__file__).parent / "images"
CATALOGUE = {name: entry.debian for name, entry in ENTRIES.items() if entry.debian}
"""References by name; each name is a folder in images/."""
SCHEDULER = Program(
    name="supercronic",
    version="0.2.48",
    root=ROOT / "images",
    directory="scheduler",
    package="github.com/aptible/supercronic",
    link="-X main.Version=v0.2.48",
)
PROGRAMS = {"scheduler": (SCHEDULER,)}
"""The programs that an image has from their Go modules, because Debian has no package of them."""


def ensure(report: Report, *, renew: bool = False) -> None:
    """Build the images that are missing or out of date; `renew` builds all from today's packages.

    Raises AirgapError with the last lines of the build that failed.
    """
    old_base = engine_images.find(base_image.NAME)
    if old_base is None or renew or old_base.source != base_image.source():
        new_base = base_image.build()
        report(f"{base_image.NAME}: built, {new_base.size // 10**6} MB")
    else:
        new_base = old_base
        days = base_image.age_in_days(old_base)
        if days > base_image.STALE_DAYS:
            report(
                f"{base_image.NAME}: {days} days old; `python -m airgap.images` renews all images"
            )

    current = 0
    for name, reference in CATALOGUE.items():
        programs = PROGRAMS.get(name, ())
        source = digest(SOURCES / name, new_base.id, *(program.source for program in programs))
        image = engine_images.find(reference)
        if image is not None and image.source == source:
            current += 1
            continue
        build_with(_built(programs, report), SOURCES / name, reference, source)
        report(f"{reference}: built, {engine_images.expect(reference).size // 10**6} MB")
        engine_images.remove_replaced(image)
    if new_base is not old_base:
        engine_images.remove_replaced(old_base)
    report(f"{current} of {len(CATALOGUE)} images were up to date")


def _built(programs: Iterable[Program], report: Report) -> list[Path]:
    """The paths of these programs, which are built if they are missing or out of date."""
    folder = directories.cache() / "bin"
    for program in programs:
        if not program.current(folder):
            report(f"building {program.name} {program.version} from its Go module")
    return [program.build(folder) for program in programs]


def build_with(programs: Iterable[Path], folder: Path, reference: str, source: str) -> None:
    """Build an image from a folder, with these programs in `programs/` of its build context."""
    with TemporaryDirectory() as scratch:
        context = Path(shutil.copytree(folder, Path(scratch) / "context"))
        for program in programs:
            (context / "programs").mkdir(exist_ok=True)
            shutil.copy2(program, context / "programs")
        build(context, reference, source)


def build(folder: Path, reference: str, source: str) -> None:
    """Build an image from a folder, on the base image; a label holds the digest of its source."""
    run(
        "docker", "build",
        "--network", "host",  # only the host may reach Debian's mirror
        "--build-arg", f"BASE={base_image.NAME}",
        "--label", f"{engine_images.SOURCE_LABEL}={source}",
        "--tag", reference,
        folder,
        env={"DOCKER_BUILDKIT": "0"},  # Debian's Docker client has no buildx
    )  # fmt: skip


if __name__ == "__main__":
    try:
        ensure(print, renew=True)
    except AirgapError as error:
        sys.exit(str(error))
