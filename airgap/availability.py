"""What this machine has and which servers answer it."""

import http.client
import shutil
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from airgap import directories
from airgap.command import succeeds

LIMIT = 3.0
"""Seconds that a check may take; all checks run at the same time."""

PULUMI_SITE = "https://get.pulumi.com/latest-version"
DOCKER_HUB = "https://registry-1.docker.io"


@dataclass(frozen=True, kw_only=True)
class Availability:
    """The answers of all checks."""

    cli: str
    """Path of a `pulumi` on PATH that this project did not build, or empty."""
    pulumi_site: bool
    missing_plugins: tuple[str, ...]
    """Official provider plugins that are not installed, such as `docker 5.2.0`."""
    engine: bool
    registry: bool


def check(missing_plugins: tuple[str, ...]) -> Availability:
    """Check this machine, for at most about LIMIT seconds.

    `missing_plugins` are the official plugins that are not installed.
    """
    site, images, engine = check_all(
        pulumi_site_answers,
        lambda: registry_answers(DOCKER_HUB),
        lambda: succeeds("docker", "info"),
    )
    return Availability(
        cli=installed_cli(),
        pulumi_site=site,
        missing_plugins=missing_plugins,
        engine=engine,
        registry=images,
    )


def check_all(*checks: Callable[[], bool]) -> tuple[bool, ...]:
    """Run all checks at once; a check that takes longer than LIMIT seconds counts as False.

    Each check runs in its own thread, because the look-up of a host name has no time limit.
    """
    results = [False] * len(checks)

    def store(number: int) -> None:
        results[number] = checks[number]()

    threads = [
        threading.Thread(target=store, args=(number,), daemon=True) for number in range(len(checks))
    ]
    end = time.monotonic() + LIMIT
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return tuple(results)


def http_status(url: str) -> int:
    """The HTTP status of a server's answer, or 0 where no server answers."""
    try:
        with urllib.request.urlopen(url, timeout=LIMIT) as response:  # noqa: S310 (callers pass https)
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, http.client.HTTPException):
        return 0


def installed_cli() -> str:
    """Path of a `pulumi` on PATH outside this project's cache, or empty."""
    path = shutil.which("pulumi")
    if path is None or Path(path).resolve().is_relative_to(directories.cache().resolve()):
        return ""
    return path


def pulumi_site_answers() -> bool:
    return http_status(PULUMI_SITE) == http.client.OK


def registry_answers(registry: str) -> bool:
    """Whether an image registry answers: with 200, or with 401 where it requires a login."""
    return http_status(f"{registry}/v2/") in (http.client.OK, http.client.UNAUTHORIZED)
