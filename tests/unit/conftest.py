"""Whole renders that many tests read; none of them changes one."""

import pytest

from tests.unit.recorded import CASES
from tests.unit.rendering import Rendered, render


@pytest.fixture(scope="session")
def dev() -> Rendered:
    """The default stack on official images."""
    return CASES["dev"].render()


@pytest.fixture(scope="session")
def debian() -> Rendered:
    """The default stack on images from Debian's packages."""
    return render({"images": {"catalogue": "debian"}})


@pytest.fixture(scope="session")
def own() -> Rendered:
    """A stack with a user's own images and a further service."""
    return CASES["own"].render()


@pytest.fixture(scope="session")
def prod() -> Rendered:
    """Pulumi.prod.yaml as it is."""
    return CASES["prod"].render()


@pytest.fixture(scope="session")
def own_kubernetes() -> Rendered:
    """The user's own images on a cluster that asks for something everywhere."""
    return CASES["own-kubernetes"].render()
