"""Every image that the platform runs and does not build."""

import re
from typing import get_args

import pytest

from components.images import ENTRIES, POSTGRES
from components.settings import ImageName
from tests.unit.describing import ROOT
from tests.unit.rendering import Rendered

REFERENCES = {
    f"{name}, {catalogue}": reference
    for name, entry in ENTRIES.items()
    for catalogue, reference in (("official", entry.official), ("debian", entry.debian))
    if reference is not None
}
# PostgreSQL's versions have two parts.
POSTGRESQL = {"cloudnative-pg": 15} | {name: version for version, name in POSTGRES.items()}
# An operator's own program checks the health of these images.
OPERATORS = ("cloudnative-pg", "pgbouncer")


def test_every_image_that_settings_can_name_has_an_entry() -> None:
    assert set(ENTRIES) == set(get_args(ImageName))


@pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if entry.official])
def test_an_official_tag_has_the_whole_version_and_does_not_move(name: ImageName) -> None:
    """`15-bookworm` and `7.4-bookworm` move with each release."""
    major = POSTGRESQL.get(name)
    version = rf"{major}\.\d+" if major else r"\d+\.\d+\.\d+"
    assert re.fullmatch(rf"[^:@]+:v?{version}(-[a-z0-9.-]+)?", ENTRIES[name].official or "")


def test_a_debian_tag_names_debians_release() -> None:
    """A label of the image has the digest of the source that it was built from."""
    references = {entry.debian for entry in ENTRIES.values() if entry.debian}
    assert {reference for reference in references if not reference.endswith("debian12")} == {
        "ai-platform/postgres:17-debian13"
    }


def test_the_variants_are_the_decided_ones() -> None:
    """Another Debian sorts texts differently, and PostgreSQL's indexes then have to be rebuilt."""
    for name in ("postgres", "cloudnative-pg", "redis", "python"):
        assert (ENTRIES[name].official or "").endswith("-bookworm")
    assert ":7.4." in (ENTRIES["redis"].official or "")
    assert ":3.11." in (ENTRIES["python"].official or "")
    assert "unprivileged" in (ENTRIES["nginx"].official or "")


@pytest.mark.parametrize(
    ("dockerfile", "base"),
    [
        ("images/services/api.Dockerfile", "python"),
        ("images/services/decision.Dockerfile", "python"),
        ("images/web/Dockerfile", "nginx"),
        ("images/scheduler/Dockerfile", "golang"),
        ("images/backup/Dockerfile", "postgres"),
    ],
)
def test_a_dockerfile_of_ours_builds_on_the_official_image_by_default(
    dockerfile: str, base: ImageName
) -> None:
    lines = (ROOT / dockerfile).read_text().splitlines()
    assert f"ARG BASE={ENTRIES[base].official}" in lines


@pytest.mark.parametrize("name", ENTRIES)
def test_no_image_runs_as_root(name: ImageName) -> None:
    assert ENTRIES[name].identity.uid != 0


def test_images_built_from_debian_have_our_own_names() -> None:
    references = [entry.debian for entry in ENTRIES.values() if entry.debian]
    assert all(reference.startswith("ai-platform/") for reference in references)


@pytest.mark.parametrize("reference", sorted({*REFERENCES.values()}))
def test_two_images_do_not_share_a_reference(reference: str) -> None:
    assert list(REFERENCES.values()).count(reference) == 1


def test_only_these_images_are_missing_from_a_catalogue() -> None:
    """The engine compiles the scheduler with Go, for which the `debian` catalogue uses the host.
    It builds the backup part on PostgreSQL's image, unless the settings have one."""
    assert {name for name, entry in ENTRIES.items() if entry.debian is None} == {
        "grafana",
        "golang",
        "postgres-16",
        "postgres-18",
        "backup",
        *OPERATORS,
    }
    assert {name for name, entry in ENTRIES.items() if entry.official is None} == {
        "scheduler",
        "backup",
    }


def test_postgres_is_stopped_with_its_fast_shutdown_and_nginx_gracefully() -> None:
    signals = {name: entry.stop_signal for name, entry in ENTRIES.items()}
    assert {signals.pop(name) for name in POSTGRES.values()} == {"SIGINT"}
    assert signals.pop("nginx") == "SIGQUIT"
    assert set(signals.values()) == {"SIGTERM"}


def test_every_image_runs_somewhere(dev: Rendered, operators: Rendered) -> None:
    running = {
        *dev.outputs["images"].values(),
        *operators.outputs["images"].values(),
        # Base images of what is built, and of the init container that fills in secrets.
        ENTRIES["python"].official,
        # The Docker target's own.
        ENTRIES["busybox"].official,
        ENTRIES["golang"].official,
        # Each runs in stacks of its version.
        *(ENTRIES[name].official for name in POSTGRES.values()),
    }
    official = {name: entry.official for name, entry in ENTRIES.items() if entry.official}
    unused = {name for name, reference in official.items() if reference not in running}
    assert not unused, f"no part runs {unused}: forgotten in tier.py, or the neighbour's image"
