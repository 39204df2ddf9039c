"""The images of one stack: which catalogue, which mirror, and what is built."""

import pytest

from components import source_digest
from components.catalogue import Catalogue
from components.images import ENTRIES
from components.plain_files import ROOT
from components.settings import BuildContext
from tests.unit.describing import KUBERNETES, catalogue, settings

DEBIAN = {"images": {"catalogue": "debian"}}
DIGEST = f"sha256:{'1' * 64}"
MIRROR = {"registry": {"url": "mirror.example.com:5000/hub"}}
API = BuildContext(context="images/services", dockerfile="api.Dockerfile")


def test_both_catalogues_give_the_same_contract() -> None:
    official, debian = catalogue(), catalogue(DEBIAN)
    for name in ENTRIES:
        if debian.has(name) and official.has(name):
            one, other = official.image(name), debian.image(name)
            assert one.reference != other.reference
            assert (one.identity, one.stop_signal) == (other.identity, other.stop_signal)


def test_the_error_for_a_missing_image_names_it() -> None:
    assert not catalogue(DEBIAN).has("grafana")
    with pytest.raises(KeyError, match="the debian catalogue has no grafana"):
        catalogue(DEBIAN).image("grafana")


def test_a_reference_of_the_settings_replaces_or_adds_an_image() -> None:
    custom = catalogue(
        {"images": {"catalogue": "debian", "references": {"grafana": "acme/grafana:11"}}}
    )
    assert custom.image("grafana").reference == "acme/grafana:11"
    assert custom.image("grafana").identity == ENTRIES["grafana"].identity


def test_the_engine_compiles_the_scheduler_unless_there_is_an_image_of_it() -> None:
    build = catalogue().scheduler().build
    assert build is not None
    assert (build.name, build.context) == ("ai-platform/scheduler", "images/scheduler")
    assert build.base == ENTRIES["golang"].official
    assert catalogue(DEBIAN).scheduler() == catalogue(DEBIAN).image("scheduler")
    own = {"images": {"references": {"scheduler": "acme/scheduler:1"}}}
    assert catalogue(own).scheduler().reference == "acme/scheduler:1"
    assert catalogue(own).scheduler().build is None


@pytest.mark.parametrize(
    ("version", "references", "expected"),
    [
        (15, {}, "postgres:15.20-bookworm"),
        (17, {}, "postgres:17.12-trixie"),
        (17, {"postgres": "acme/postgres:17"}, "acme/postgres:17"),
        # A stack that moves to another version.
        (15, {"postgres": "acme/pg:15", "postgres-17": "acme/pg:17"}, "acme/pg:15"),
        (17, {"postgres": "acme/pg:15", "postgres-17": "acme/pg:17"}, "acme/pg:17"),
        (14, {"postgres": "acme/postgres:14"}, "acme/postgres:14"),
    ],
)
def test_the_version_of_the_data_selects_the_server(
    version: int, references: dict[str, str], expected: str
) -> None:
    config = {"data": {"version": version}, "images": {"references": references}}
    assert catalogue(config).image("postgres").reference == expected
    assert catalogue(config).image("postgres").stop_signal == "SIGINT"


@pytest.mark.parametrize(
    ("reference", "at_the_mirror"),
    [
        ("redis:7", "redis:7"),
        ("prom/prometheus:v2", "prom/prometheus:v2"),
        ("quay.io/prometheus/prometheus:v2", "prometheus/prometheus:v2"),
        ("registry.example.com:443/a/b:1", "a/b:1"),
        ("localhost/app:1", "app:1"),
        ("localhost:5000/app:1", "app:1"),
    ],
)
def test_a_mirror_replaces_the_host_and_keeps_the_path(reference: str, at_the_mirror: str) -> None:
    assert catalogue(MIRROR).mirrored(reference) == f"mirror.example.com:5000/hub/{at_the_mirror}"
    assert catalogue().mirrored(reference) == reference


def test_every_image_and_every_base_comes_from_the_mirror() -> None:
    mirrored = catalogue(MIRROR)
    prefix = MIRROR["registry"]["url"] + "/"
    names = [name for name in ENTRIES if mirrored.has(name)]
    assert all(mirrored.image(name).reference.startswith(prefix) for name in names)
    assert mirrored.scheduler().reference.startswith(prefix)
    assert mirrored.build("reports", API, "python").base.startswith(prefix)


def test_a_lock_adds_the_digest_at_the_mirror_too() -> None:
    reference = ENTRIES["postgres"].official or ""
    digests = {reference: DIGEST}
    locked = Catalogue(settings(), digests)
    assert locked.image("postgres").reference == f"{reference}@{DIGEST}"
    assert locked.image("redis").reference == ENTRIES["redis"].official
    at_the_mirror = f"{MIRROR['registry']['url']}/{reference}"
    assert Catalogue(settings(MIRROR), digests).image("postgres").reference == (
        f"{at_the_mirror}@{DIGEST}"
    )


def test_a_lock_does_not_concern_a_replacement_or_an_image_of_debian() -> None:
    digests = {entry.official: DIGEST for entry in ENTRIES.values() if entry.official}
    own = settings({"images": {"references": {"redis": "acme/redis:7.4.1"}}})
    assert Catalogue(own, digests).image("redis").reference == "acme/redis:7.4.1"
    debian = Catalogue(settings(DEBIAN), digests)
    assert debian.image("redis").reference == ENTRIES["redis"].debian


def test_the_tag_of_a_built_image_changes_with_the_digest_of_its_base() -> None:
    """On an engine, the base image's own id replaces the image that is built on it."""
    stack = settings(KUBERNETES)
    python = ENTRIES["python"].official or ""
    tags = set()
    for digests in ({}, {python: DIGEST}, {python: f"sha256:{'2' * 64}"}):
        catalogue = Catalogue(stack, digests)
        tags.add(catalogue.pushed(catalogue.build("reports", API, "python")))
    assert len(tags) == 3


def test_a_build_has_a_name_a_dockerfile_a_base_and_a_digest_of_its_source() -> None:
    build = catalogue().build("reports", API, "python")
    assert build.name == "ai-platform/reports"
    assert (build.context, build.dockerfile) == (API.context, API.dockerfile)
    assert build.base == ENTRIES["python"].official
    assert build.source == source_digest.image_digest(ROOT / API.context, API.dockerfile)


@pytest.mark.parametrize(
    ("context", "dockerfile", "name"),
    [
        ("images/services", "api.Dockerfile", "api"),
        ("images/services", "decision.Dockerfile", "decision"),
        ("images/web", "Dockerfile", "web"),
    ],
)
def test_an_image_is_pushed_under_the_name_of_its_dockerfile_or_its_directory(
    context: str, dockerfile: str, name: str
) -> None:
    """An engine names the image that it builds after the service."""
    images = settings(KUBERNETES)
    source = BuildContext(context=context, dockerfile=dockerfile)
    build = Catalogue(images).build("reports", source, "python")
    tag = source_digest.tag(build.source, build.base, images.images.platform)
    assert build.name == "ai-platform/reports"
    assert Catalogue(images).pushed(build) == f"registry.example.com/ai-platform/{name}:{tag}"


@pytest.mark.parametrize(
    ("values", "repository"),
    [
        ({}, "ai-platform"),
        (MIRROR, "mirror.example.com:5000/hub/ai-platform"),
        (
            {**MIRROR, "images": {"repository": "registry.example.com/acme"}},
            "registry.example.com/acme",
        ),
    ],
)
def test_built_images_are_pushed_to_the_settings_repository_or_the_mirror(
    values: dict[str, dict[str, str]], repository: str
) -> None:
    assert catalogue(values).repository == repository
