"""One build of the page, one service of each kind, and one gateway for most tests."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.web.engine import (
    BASE,
    HEALTH,
    IMAGE,
    LABEL,
    NAME,
    PAGE,
    docker,
    remove_all,
    run_gateway,
    run_page,
    run_service,
    url,
    wait_for,
)

REPORTS: dict[str, Any] = {"reports": {"image": "example/reports:1", "port": 8080}}
SETTINGS: dict[str, Any] = {
    "api": {"services": REPORTS},
    "web": {
        "routes": {
            "/reports/": {
                "to": "reports",
                "strip_prefix": True,
                "max_body_size": "40m",
                "timeout": 4,
            },
            "/reports/events": {"to": "reports", "strip_prefix": True, "stream": True},
            "/buffered/": {"to": "reports", "timeout": 1},
            "/streams/": {"to": "reports", "stream": True},
            "/short/": {"to": "reports", "stream": True, "timeout": 2},
            "/part/of/": {"to": "reports", "strip_prefix": "/part"},
            "/compressed/": {"to": "reports", "compressed_bodies": True},
            # Nothing listens for this service.
            "/none/": "decision",
            "bare.example.com/x/": "reports",
            "reports.example.com": "reports",
            "reports.example.com/api/": "backend",
        }
    },
}


@pytest.fixture(scope="package", autouse=True)
def services() -> Iterator[None]:
    remove_all()
    os.environ["DOCKER_BUILDKIT"] = "0"
    docker("build", "--quiet", "--build-arg", f"BASE={BASE}", "--tag", IMAGE, str(PAGE))
    docker("network", "create", "--label", LABEL, NAME)
    run_service("backend", "ai-platform-backend")
    run_service("reports", "ai-platform-reports", 8080)
    yield
    remove_all()
    docker("image", "rm", IMAGE)


@pytest.fixture(scope="package")
def page(services: None) -> str:
    """A healthy container of our page, to which the gateway's default route leads."""
    container = run_page("page", "--network-alias", "ai-platform-frontend")
    wait_for(f"{url(container)}/health", 200, 10)
    return container


@pytest.fixture(scope="package")
def gateway(page: str) -> str:
    """A healthy gateway in front of the page and the services."""
    container = run_gateway("gateway", SETTINGS)
    wait_for(f"{url(container)}{HEALTH}", 200, 10)
    return container
