"""What a machine uses: decided once, and kept in a file."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from airgap import places, plugins
from airgap.decide import Decision
from components.settings import machine_file, overlay_path
from operations import choice, workspace
from tests.unit.describing import KUBERNETES, settings

COMPILED = Decision(
    cli="build",
    plugins="compiled",
    engine="present",
    catalogue="debian",
    reasons=("Images: the registry does not answer.", "Docker Engine: it answers."),
)
OFFICIAL = replace(COMPILED, plugins="official", catalogue="official")


@pytest.fixture(params=[COMPILED])
def overlay(
    request: pytest.FixtureRequest,
    machine: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """The overlay file of a tree of the test's own, on a machine that decides once."""
    decisions = iter([request.param])
    monkeypatch.setattr(choice, "ROOT", tmp_path)
    monkeypatch.setattr("airgap.decide.decide", lambda missing: next(decisions))
    return overlay_path(tmp_path, "dev")


@pytest.fixture
def machine_choices(machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a machine that compiles plugins, which it decides once."""
    decisions = iter([("compiled", "Provider plugins: compiled.")])
    monkeypatch.setattr("airgap.decide.decide_plugins", lambda missing: next(decisions))
    return workspace.machine_file()


def quiet(line: str) -> None:
    """Say nothing."""


def test_the_decision_is_said_written_down_and_in_effect(overlay: Path) -> None:
    said: list[str] = []
    chosen = choice.for_docker("dev", said.append)
    assert chosen == choice.Choices(catalogue="debian", plugins=plugins.wanted("docker"))
    assert said == [*COMPILED.reasons, "image catalogue: debian (overlay.dev.yaml)"]
    assert all(f"# {reason}" in overlay.read_text() for reason in COMPILED.reasons)
    found = settings(overlay=overlay)
    assert found.images.catalogue == "debian"
    assert found.plugins.docker == plugins.PROVIDERS["docker"].version


@pytest.mark.parametrize("overlay", [OFFICIAL], indirect=True)
def test_official_plugins_need_no_version_written_down(overlay: Path) -> None:
    assert choice.for_docker("dev", quiet).plugins == {}
    assert settings(overlay=overlay).plugins.docker is None


def test_what_was_decided_is_not_decided_again(overlay: Path) -> None:
    first = choice.for_docker("dev", quiet)
    written = overlay.read_bytes()
    assert choice.for_docker("dev", quiet) == first
    assert overlay.read_bytes() == written


def test_what_the_user_chose_stays(overlay: Path) -> None:
    overlay.write_text("images: {catalogue: official}\nplugins: {}\n")
    chosen = choice.for_docker("dev", quiet)
    assert (chosen.catalogue, chosen.plugins) == ("official", {})
    assert overlay.read_text() == "images: {catalogue: official}\nplugins: {}\n"


def test_where_only_the_plugins_are_undecided_the_rest_stays(overlay: Path) -> None:
    """As in a file that an earlier version of this project wrote."""
    overlay.write_text("images: {catalogue: official}\n")
    assert choice.for_docker("dev", quiet).plugins == plugins.wanted("docker")
    assert settings(overlay=overlay).images.catalogue == "official"


def test_other_choices_of_the_user_are_kept(overlay: Path) -> None:
    overlay.write_text("# mine\ndocker: {ports: {web: 18080}}\n")
    choice.for_docker("dev", quiet)
    assert "# mine" in overlay.read_text()
    assert settings(overlay=overlay).docker.ports.web == 18080
    assert settings(overlay=overlay).images.catalogue == "debian"


def test_the_users_own_references_are_kept_beside_the_catalogue(overlay: Path) -> None:
    overlay.write_text("images:\n  references:\n    redis: acme/redis:7\n")
    choice.for_docker("dev", quiet)
    assert settings(overlay=overlay).images.references == {"redis": "acme/redis:7"}
    assert settings(overlay=overlay).images.catalogue == "debian"
    assert choice.for_docker("dev", quiet).catalogue == "debian"
    assert re.findall(r"(?m)^images:", overlay.read_text()) == ["images:"]


def test_a_plugin_that_this_tree_compiles_in_another_version_is_said_and_written(
    overlay: Path,
) -> None:
    choice.for_docker("dev", quiet)
    now = plugins.PROVIDERS["docker"].version
    overlay.write_text(overlay.read_text().replace(now, "'1.0.0+compiled'"))
    said: list[str] = []
    assert choice.for_docker("dev", said.append).plugins == plugins.wanted("docker")
    assert f"plugin docker 1.0.0+compiled: {now} from now on (overlay.dev.yaml)" in said
    assert settings(overlay=overlay).plugins.docker == now


def test_a_machine_that_compiles_plugins_for_clusters_does_so_for_docker_too(
    overlay: Path,
) -> None:
    """Compiled plugins have a home of their own, in which official ones are not seen."""
    overlay.write_text("images: {catalogue: official}\nplugins: {}\n")
    places.own_pulumi_home().mkdir()
    assert choice.for_docker("dev", quiet).plugins == plugins.wanted("docker")
    assert settings(overlay=overlay).images.catalogue == "official"


def test_stacks_on_clusters_share_one_choice_of_this_machine(machine_choices: Path) -> None:
    said: list[str] = []
    for _ in range(2):
        assert choice.for_clusters(said.append) == plugins.wanted("kubernetes")
    assert said == ["Provider plugins: compiled."]
    environment = {"AI_PLATFORM_MACHINE_FILE": str(machine_choices)}
    found = settings(KUBERNETES, machine=machine_file(environment)).plugins
    assert found.kubernetes == plugins.PROVIDERS["kubernetes"].version
    assert found.contexts == ["ai-platform-local"]


def test_the_machines_choice_for_clusters_is_none_for_a_docker_stack(
    machine_choices: Path,
) -> None:
    choice.for_clusters(quiet)
    assert settings(machine=machine_choices).plugins.random is None
