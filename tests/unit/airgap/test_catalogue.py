"""The `debian` catalogue: the images that this machine builds."""

from airgap import images
from components.images import ENTRIES


def test_every_debian_image_of_the_catalogue_has_a_dockerfile() -> None:
    assert {
        name: entry.debian for name, entry in ENTRIES.items() if entry.debian
    } == images.CATALOGUE
    assert all((images.SOURCES / name / "Dockerfile").exists() for name in images.CATALOGUE)
