"""The `debian` catalogue: images from Debian's packages with the official images' contract.

An image is built when it is missing, when its folder below images/ changed, or when the
base below it was renewed.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from airgap import base, built
from airgap.command import AirgapError, run

SOURCES = Path(__file__).parent / "images"
CATALOGUE = {
    "postgres": "ai-platform/postgres:15-debian12",
    "redis": "ai-platform/redis:7-debian12",
    "python": "ai-platform/python:3.11-debian12",
    "nginx": "ai-platform/nginx:debian12",
    "prometheus": "ai-platform/prometheus:debian12",
    "alertmanager": "ai-platform/alertmanager:debian12",
    "postgres-exporter": "ai-platform/postgres-exporter:debian12",
    "redis-exporter": "ai-platform/redis-exporter:debian12",
    "nginx-exporter": "ai-platform/nginx-exporter:debian12",
}
"""Reference by name; each name is a folder below images/. Debian has no Grafana."""

Report = Callable[[str], None]


def ensure(report: Report, *, renew: bool = False) -> None:
    """Build what is missing or out of date; `renew` takes today's packages for all.

    Raises AirgapError with the last lines of the build that failed.
    """
    old_base = built.find(base.NAME)
    if old_base is None or renew or old_base.source != base.source():
        new_base = base.make()
        report(f"{base.NAME}: made, {new_base.size // 10**6} MB")
    else:
        new_base = old_base
        days = base.age_in_days(old_base)
        if days > base.STALE_DAYS:
            report(f"{base.NAME}: {days} days old; `python -m airgap.images` renews all images")

    current = 0
    for name, reference in CATALOGUE.items():
        source = built.digest(SOURCES / name, new_base.id)
        old = built.find(reference)
        if old is not None and old.source == source:
            current += 1
            continue
        build(SOURCES / name, reference, source)
        report(f"{reference}: built, {built.expect(reference).size // 10**6} MB")
        built.forget(old)
    if new_base is not old_base:
        built.forget(old_base)
    report(f"{current} of {len(CATALOGUE)} images were current")


def build(folder: Path, reference: str, source: str) -> None:
    """Build an image from a folder, on the base; its label says what it was built from."""
    run(
        "docker", "build",
        "--network", "host",  # Debian's mirror may be reachable from the host only
        "--build-arg", f"BASE={base.NAME}",
        "--label", f"{built.SOURCE_LABEL}={source}",
        "--tag", reference,
        folder,
        env={"DOCKER_BUILDKIT": "0"},  # Debian's Docker client has no buildx
    )  # fmt: skip


if __name__ == "__main__":
    try:
        ensure(print, renew=True)
    except AirgapError as problem:
        sys.exit(str(problem))
