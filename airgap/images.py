"""The `debian` catalogue: images from Debian's packages with the official images' contract.

An image is built when it is missing, when its folder in images/ changed, or when its base
image is newer.
"""

import sys
from pathlib import Path

from airgap import base_image, engine_images
from airgap.command import AirgapError, run
from airgap.report import Report
from components.images import ENTRIES
from components.source_digest import digest

SOURCES = Path(__file__).parent / "images"
CATALOGUE = {name: entry.debian for name, entry in ENTRIES.items() if entry.debian}
"""References by name; each name is a folder in images/."""


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
        source = digest(SOURCES / name, new_base.id)
        image = engine_images.find(reference)
        if image is not None and image.source == source:
            current += 1
            continue
        build(SOURCES / name, reference, source)
        report(f"{reference}: built, {engine_images.expect(reference).size // 10**6} MB")
        engine_images.remove_replaced(image)
    if new_base is not old_base:
        engine_images.remove_replaced(old_base)
    report(f"{current} of {len(CATALOGUE)} images were up to date")


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
