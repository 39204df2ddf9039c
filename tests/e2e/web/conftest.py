"""One build of the web image for all its tests, and one container for most of them."""

import os
from collections.abc import Iterator

import pytest

from tests.e2e.web.engine import (
    BASE,
    IMAGE,
    LABEL,
    NAME,
    WEB,
    docker,
    remove_all,
    run_backend,
    run_web,
    url,
    wait_for,
)


@pytest.fixture(scope="package", autouse=True)
def backend() -> Iterator[None]:
    remove_all()
    os.environ["DOCKER_BUILDKIT"] = "0"
    docker("build", "--quiet", "--build-arg", f"BASE={BASE}", "--tag", IMAGE, str(WEB))
    docker("network", "create", "--label", LABEL, NAME)
    run_backend("backend", "--network-alias", "ai-platform-backend")
    yield
    remove_all()
    docker("image", "rm", IMAGE)


@pytest.fixture(scope="package")
def web(backend: None) -> str:
    """A healthy web container in front of the backend."""
    container = run_web("web")
    wait_for(f"{url(container)}/health", 200, 10)
    return container
