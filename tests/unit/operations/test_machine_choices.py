"""The choices of a machine: made once and kept in a file."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from airgap import directories, plugins
from airgap.sources import Sources
from components.settings import machine_file, overlay_path
from operations import machine_choices, workspace
from tests.unit.describing import KUBERNETES, settings

COMPILED = Sources(
    plugins="compiled",
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
    """The overlay file of a temporary tree, on a machine that decides only once."""
    decisions = iter([request.param])
    monkeypatch.setattr(machine_choices, "ROOT", tmp_path)
    monkeypatch.setattr("airgap.sources.decide", lambda missing: next(decisions))
    return overlay_path(tmp_path, "dev")


@pytest.fixture
def machine_choices_file(machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The choices file of a machine that compiles plugins and decides that only once."""
    decisions = iter([("compiled", "Provider plugins: compiled.")])
    monkeypatch.setattr("airgap.sources.decide_plugins", lambda missing: next(decisions))
    return workspace.machine_file()


def ignore(line: str) -> None:
    """Drop a report."""


def test_choices_are_reported_written_and_in_effect(overlay: Path) -> None:
    lines: list[str] = []
    choices = machine_choices.for_docker("dev", lines.append)
    assert choices == machine_choices.DockerChoices(
        catalogue="debian", plugins=plugins.required("docker")
    )
    assert lines == [*COMPILED.reasons, "image catalogue: debian (overlay.dev.yaml)"]
    assert all(f"# {reason}" in overlay.read_text() for reason in COMPILED.reasons)
    stack_settings = settings(overlay=overlay)
    assert stack_settings.images.catalogue == "debian"
    assert stack_settings.plugins.docker == plugins.PROVIDERS["docker"].version


@pytest.mark.parametrize("overlay", [OFFICIAL], indirect=True)
def test_official_plugins_are_written_without_a_version(overlay: Path) -> None:
    assert machine_choices.for_docker("dev", ignore).plugins == {}
    assert settings(overlay=overlay).plugins.docker is None


def test_a_choice_is_made_only_once(overlay: Path) -> None:
    first = machine_choices.for_docker("dev", ignore)
    content = overlay.read_bytes()
    assert machine_choices.for_docker("dev", ignore) == first
    assert overlay.read_bytes() == content


def test_choices_of_the_user_stay(overlay: Path) -> None:
    overlay.write_text("images: {catalogue: official}\nplugins: {}\n")
    choices = machine_choices.for_docker("dev", ignore)
    assert (choices.catalogue, choices.plugins) == ("official", {})
    assert overlay.read_text() == "images: {catalogue: official}\nplugins: {}\n"


def test_only_a_missing_choice_is_made(overlay: Path) -> None:
    """An earlier version of this project wrote files without plugins."""
    overlay.write_text("images: {catalogue: official}\n")
    assert machine_choices.for_docker("dev", ignore).plugins == plugins.required("docker")
    assert settings(overlay=overlay).images.catalogue == "official"


def test_other_settings_in_the_overlay_file_stay(overlay: Path) -> None:
    overlay.write_text("# mine\ndocker: {ports: {web: 18080}}\n")
    machine_choices.for_docker("dev", ignore)
    assert "# mine" in overlay.read_text()
    assert settings(overlay=overlay).docker.ports.web == 18080
    assert settings(overlay=overlay).images.catalogue == "debian"


def test_the_users_image_references_stay_beside_the_catalogue(overlay: Path) -> None:
    overlay.write_text("images:\n  references:\n    redis: acme/redis:7\n")
    machine_choices.for_docker("dev", ignore)
    assert settings(overlay=overlay).images.references == {"redis": "acme/redis:7"}
    assert settings(overlay=overlay).images.catalogue == "debian"
    assert machine_choices.for_docker("dev", ignore).catalogue == "debian"
    assert re.findall(r"(?m)^images:", overlay.read_text()) == ["images:"]


def test_another_version_of_a_compiled_plugin_is_reported_and_written(
    overlay: Path,
) -> None:
    machine_choices.for_docker("dev", ignore)
    version = plugins.PROVIDERS["docker"].version
    overlay.write_text(overlay.read_text().replace(version, "'1.0.0+compiled'"))
    lines: list[str] = []
    assert machine_choices.for_docker("dev", lines.append).plugins == plugins.required("docker")
    assert f"plugin docker 1.0.0+compiled: replaced by {version} (overlay.dev.yaml)" in lines
    assert settings(overlay=overlay).plugins.docker == version


def test_a_machine_that_compiles_plugins_for_clusters_compiles_them_for_docker_too(
    overlay: Path,
) -> None:
    """The PULUMI_HOME of compiled plugins contains no official plugins."""
    overlay.write_text("images: {catalogue: official}\nplugins: {}\n")
    directories.own_pulumi_home().mkdir()
    assert machine_choices.for_docker("dev", ignore).plugins == plugins.required("docker")
    assert settings(overlay=overlay).images.catalogue == "official"


def test_all_stacks_on_clusters_share_one_choice(machine_choices_file: Path) -> None:
    lines: list[str] = []
    for _ in range(2):
        assert machine_choices.for_clusters(lines.append) == plugins.required("kubernetes")
    assert lines == ["Provider plugins: compiled."]
    environment = {"AI_PLATFORM_MACHINE_FILE": str(machine_choices_file)}
    choices = settings(KUBERNETES, machine=machine_file(environment)).plugins
    assert choices.kubernetes == plugins.PROVIDERS["kubernetes"].version
    assert choices.contexts == ["ai-platform-local"]


def test_the_choice_for_clusters_does_not_apply_to_a_docker_stack(
    machine_choices_file: Path,
) -> None:
    machine_choices.for_clusters(ignore)
    assert settings(machine=machine_choices_file).plugins.random is None
