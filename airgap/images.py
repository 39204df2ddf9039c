"""The `debian` catalogue: images from Debian's packages with the official images' contract.

An image is built when it is missing, when its folder in images/ changed, or when its base
image is newer.
"""

import shutil
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from airgap import base_image, directories, engine_images
from airgap.command import AirgapError, run
from airgap.program import Program
from airgap.report import Report
from components.images import ENTRIES, POSTGRES
from components.plain_files import ROOT
from components.settings import Settings
from components.source_digest import digest

SOURCES = Path(__file__).parent / "images"
ON_BOOKWORM = (f"BASE={base_image.NAME}",)
CATALOGUE = {name: entry.debian for name, entry in ENTRIES.items() if entry.debian}
"""References by name; each name is a folder in images/, or one of VARIANTS."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """An image that is built from the folder of another one, and that few stacks run."""

    folder: str
    base: str
    arguments: Mapping[str, str]


VARIANTS = {
    "postgres-17": Variant(folder="postgres", base=base_image.TRIXIE, arguments={"VERSION": "17"}),
}
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


def needed(settings: Settings) -> tuple[str, ...]:
    """The names of the images of VARIANTS that a stack with these settings runs."""
    server = POSTGRES.get(settings.data.version, "")
    return (server,) if server in VARIANTS and settings.data.mode == "builtin" else ()


def ensure(report: Report, variants: Collection[str] = (), *, renew: bool = False) -> None:
    """Build the images that are missing or out of date; `renew` builds all from today's packages.

    Of VARIANTS only those of these names are built, because they need another base image. Raises
    AirgapError with the last lines of the build that failed.
    """
    names = [name for name in CATALOGUE if name not in VARIANTS or name in variants]
    current = 0
    for base in (base_image.NAME, base_image.TRIXIE):
        if on_base := [name for name in names if _base(name) == base]:
            current += _ensure_on(base, on_base, report, renew=renew)
    report(f"{current} of {len(names)} images were up to date")


def ensure_variants(report: Report, names: Iterable[str]) -> None:
    """Build images of VARIANTS alone."""
    for name in names:
        _ensure_on(VARIANTS[name].base, [name], report, renew=False)


def _base(name: str) -> str:
    return VARIANTS[name].base if name in VARIANTS else base_image.NAME


def _ensure_on(base: str, names: Iterable[str], report: Report, *, renew: bool) -> int:
    """Build the images on this base image, and the base image itself. The result is how many were
    up to date."""
    old_base = engine_images.find(base)
    if old_base is None or renew or old_base.source != base_image.source(base):
        new_base = base_image.build(base)
        report(f"{base}: built, {new_base.size // 10**6} MB")
    else:
        new_base = old_base
        days = base_image.age_in_days(old_base)
        if days > base_image.STALE_DAYS:
            report(f"{base}: {days} days old; `python -m airgap.images` renews all images")

    current = 0
    for name in names:
        reference, variant = CATALOGUE[name], VARIANTS.get(name)
        folder = SOURCES / (variant.folder if variant else name)
        programs = PROGRAMS.get(name, ())
        arguments = (
            [f"{key}={value}" for key, value in variant.arguments.items()] if variant else []
        )
        source = digest(folder, new_base.id, *(program.source for program in programs), *arguments)
        image = engine_images.find(reference)
        if image is not None and image.source == source:
            current += 1
            continue
        build_with(
            _built(programs, report), folder, reference, source, [f"BASE={base}", *arguments]
        )
        report(f"{reference}: built, {engine_images.expect(reference).size // 10**6} MB")
        engine_images.remove_replaced(image)
    if new_base is not old_base:
        engine_images.remove_replaced(old_base)
    return current


def _built(programs: Iterable[Program], report: Report) -> list[Path]:
    """The paths of these programs, which are built if they are missing or out of date."""
    folder = directories.cache() / "bin"
    for program in programs:
        if not program.current(folder):
            report(f"building {program.name} {program.version} from its Go module")
    return [program.build(folder) for program in programs]


def build_with(
    programs: Iterable[Path],
    folder: Path,
    reference: str,
    source: str,
    arguments: Sequence[str] = ON_BOOKWORM,
) -> None:
    """Build an image from a folder, with these programs in `programs/` of its build context."""
    with TemporaryDirectory() as scratch:
        context = Path(shutil.copytree(folder, Path(scratch) / "context"))
        for program in programs:
            (context / "programs").mkdir(exist_ok=True)
            shutil.copy2(program, context / "programs")
        build(context, reference, source, arguments)


def build(
    folder: Path, reference: str, source: str, arguments: Sequence[str] = ON_BOOKWORM
) -> None:
    """Build an image from a folder with these arguments of its Dockerfile, such as the base image;
    a label holds the digest of its source."""
    run(
        "docker", "build",
        "--network", "host",  # only the host may reach Debian's mirror
        *(f"--build-arg={argument}" for argument in arguments),
        "--label", f"{engine_images.SOURCE_LABEL}={source}",
        "--tag", reference,
        folder,
        env={"DOCKER_BUILDKIT": "0"},  # Debian's Docker client has no buildx
    )  # fmt: skip


if __name__ == "__main__":
    try:
        existing = [name for name in VARIANTS if engine_images.find(CATALOGUE[name])]
        ensure(print, existing, renew=True)
    except AirgapError as error:
        sys.exit(str(error))
