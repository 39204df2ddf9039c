"""The catalogue."""

import re
from typing import get_args

import pytest

from components.images import ENTRIES
from components.settings.models import ImageName
from tests.unit.describing import catalogue

REFERENCES = {
    f"{name}, {where}": reference
    for name, entry in ENTRIES.items()
    for where, reference in (("official", entry.official), ("debian", entry.debian))
    if reference is not None
}
# An operator's own program asks these for their health.
OPERATORS = ("cloudnative-pg", "pgbouncer")
MIRROR = {"registry": {"url": "mirror.example.com:5000/hub"}}


def test_every_image_that_settings_can_name_has_an_entry() -> None:
    assert set(ENTRIES) == set(get_args(ImageName))


@pytest.mark.parametrize("where", REFERENCES)
def test_every_reference_has_a_tag_that_says_a_version(where: str) -> None:
    name, _, tag = REFERENCES[where].partition(":")
    assert name
    assert re.search(r"\d", tag), f"{tag} names no version"
    assert "latest" not in tag


def test_the_variants_are_the_ones_that_were_decided() -> None:
    assert ENTRIES["postgres"].official == "postgres:15-bookworm"
    assert ENTRIES["redis"].official == "redis:7-bookworm"
    assert ENTRIES["python"].official == "python:3.11-slim-bookworm"
    assert "unprivileged" in ENTRIES["nginx"].official


@pytest.mark.parametrize("name", ENTRIES)
def test_no_image_runs_as_root(name: ImageName) -> None:
    assert not ENTRIES[name].identity.root


def test_what_is_built_from_debian_has_names_of_our_own() -> None:
    debian = [entry.debian for entry in ENTRIES.values() if entry.debian]
    assert all(reference.startswith("ai-platform/") for reference in debian)
    assert len(set(debian)) == len(debian)


def test_only_grafana_and_an_operators_images_have_none_from_debian() -> None:
    assert [name for name, entry in ENTRIES.items() if entry.debian is None] == [
        "grafana",
        *OPERATORS,
    ]


def test_only_exporters_without_a_shell_ask_nothing() -> None:
    """PostgreSQL and Redis are asked with their own clients, by a command."""
    silent = {name for name, entry in ENTRIES.items() if entry.client is None} - set(OPERATORS)
    assert silent == {"postgres", "redis", "redis-exporter", "nginx-exporter"}


def test_postgres_is_stopped_with_its_fast_shutdown_and_nginx_gracefully() -> None:
    signals = {name: entry.stop_signal for name, entry in ENTRIES.items()}
    assert signals.pop("postgres") == "SIGINT"
    assert signals.pop("nginx") == "SIGQUIT"
    assert set(signals.values()) == {"SIGTERM"}


def test_both_catalogues_give_the_same_contract() -> None:
    official, debian = catalogue(), catalogue({"images": {"catalogue": "debian"}})
    for name in ENTRIES:
        if debian.has(name):
            one, other = official.image(name), debian.image(name)
            assert one.reference != other.reference
            assert (one.identity, one.stop_signal, one.client) == (
                other.identity,
                other.stop_signal,
                other.client,
            )


def test_an_image_that_a_catalogue_has_not_got_is_named() -> None:
    debian = catalogue({"images": {"catalogue": "debian"}})
    assert not debian.has("grafana")
    with pytest.raises(KeyError, match="the debian catalogue has no grafana"):
        debian.image("grafana")


def test_a_reference_of_ones_own_wins_and_fills_a_gap() -> None:
    own = catalogue(
        {"images": {"catalogue": "debian", "references": {"grafana": "acme/grafana:11"}}}
    )
    assert own.image("grafana").reference == "acme/grafana:11"
    assert own.image("grafana").identity == ENTRIES["grafana"].identity


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
def test_a_mirror_takes_the_place_of_the_host_and_keeps_the_path(
    reference: str, at_the_mirror: str
) -> None:
    assert catalogue(MIRROR).mirrored(reference) == f"mirror.example.com:5000/hub/{at_the_mirror}"
    assert catalogue().mirrored(reference) == reference


def test_every_image_and_every_base_comes_from_the_mirror() -> None:
    mirrored = catalogue(MIRROR)
    prefix = MIRROR["registry"]["url"] + "/"
    assert all(mirrored.image(name).reference.startswith(prefix) for name in ENTRIES)
    assert mirrored.build("images/api", "python").base.startswith(prefix)
