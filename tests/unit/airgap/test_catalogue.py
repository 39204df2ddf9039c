"""The `debian` catalogue: the images that this machine builds."""

import re

import pytest

from airgap import images
from components.images import ENTRIES

# The user that Debian's packages and Docker's base images give these numbers.
NAMED = {"nobody": "65534"}


FOLDERS = {
    name: images.VARIANTS[name].folder if name in images.VARIANTS else name
    for name in images.CATALOGUE
}


@pytest.mark.parametrize("name", images.CATALOGUE)
def test_every_image_of_the_debian_catalogue_has_a_dockerfile(name: str) -> None:
    folder = FOLDERS[name]
    assert (images.SOURCES / folder / "Dockerfile").is_file(), (
        f"write airgap/images/{folder}/Dockerfile"
    )


@pytest.mark.parametrize("name", images.CATALOGUE)
def test_a_dockerfile_names_the_user_that_the_catalogue_promises(name: str) -> None:
    """An image without a user starts as root and changes to it, or takes the user of its base."""
    text = (images.SOURCES / FOLDERS[name] / "Dockerfile").read_text()
    for user in re.findall(r"^USER (\w+)", text, re.MULTILINE):
        assert NAMED.get(user, user) == str(ENTRIES[name].identity.uid)
