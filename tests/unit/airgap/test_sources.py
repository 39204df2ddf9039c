"""Which sources a machine uses, from what is available to it."""

from dataclasses import replace
from pathlib import Path

import pytest

from airgap import directories
from airgap.availability import Availability
from airgap.sources import choose, choose_plugins

CONNECTED = Availability(
    cli="/usr/bin/pulumi", pulumi_site=True, missing_plugins=(), engine=True, registry=True
)
DISCONNECTED = Availability(
    cli="", pulumi_site=False, missing_plugins=("docker 5.2.0",), engine=False, registry=False
)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of this machine's compiled plugins, which does not exist."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return directories.own_pulumi_home()


def test_a_connected_machine_uses_the_official_sources() -> None:
    sources = choose(CONNECTED)
    assert (sources.plugins, sources.catalogue) == ("official", "official")
    assert sources.reasons == (
        "Pulumi CLI: /usr/bin/pulumi is on PATH.",
        "Provider plugins: the official ones are installed.",
        "Docker Engine: an engine answers.",
        "Images: the registry answers. This machine uses the official images.",
    )


def test_a_disconnected_machine_builds_from_package_registries() -> None:
    sources = choose(DISCONNECTED)
    assert (sources.plugins, sources.catalogue) == ("compiled", "debian")
    assert sources.reasons == (
        "Pulumi CLI: not on PATH, and Pulumi's download site does not answer. "
        "This machine builds it from its Go module.",
        "Provider plugins: Pulumi's download site does not answer. "
        "This machine compiles them from their Go modules.",
        "Docker Engine: no engine answers. This machine installs Debian's packages.",
        "Images: the registry does not answer. This machine builds them from Debian's packages, "
        "without Grafana.",
    )


def test_plugins_are_downloaded_where_only_pulumis_site_answers() -> None:
    sources = choose(replace(DISCONNECTED, pulumi_site=True))
    assert (sources.plugins, sources.catalogue) == ("official", "debian")
    assert sources.reasons[:2] == (
        "Pulumi CLI: not on PATH. This machine downloads it from Pulumi's site.",
        "Provider plugins: Pulumi downloads the official ones (docker 5.2.0).",
    )


def test_a_machine_that_compiled_plugins_compiles_them_after_pulumis_site_becomes_available(
    own_home: Path,
) -> None:
    for missing in (("docker 5.2.0",), ()):
        assert choose_plugins(missing, site=True, cli=True)[0] == "official"
    own_home.mkdir(parents=True)
    for missing in (("docker 5.2.0",), ()):
        assert choose_plugins(missing, site=True, cli=True) == (
            "compiled",
            "Provider plugins: this machine compiles them from their Go modules.",
        )


@pytest.mark.parametrize(("cli", "source"), [(True, "official"), (False, "compiled")])
def test_installed_plugins_are_used_unless_this_machine_has_to_build_the_cli_too(
    cli: bool, source: str
) -> None:
    """A CLI that this machine built needs a PULUMI_HOME that contains no official plugins."""
    assert choose_plugins((), site=False, cli=cli)[0] == source
