"""When an image is built anew."""

from airgap import images
from components.images import ENTRIES


def test_the_images_built_here_are_those_of_the_catalogue() -> None:
    assert {
        name: entry.debian for name, entry in ENTRIES.items() if entry.debian
    } == images.CATALOGUE
    assert all((images.SOURCES / name / "Dockerfile").exists() for name in images.CATALOGUE)
