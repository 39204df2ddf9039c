"""What a machine uses: decided once, and kept in the overlay file."""

import re
from pathlib import Path

import pytest

from airgap.decide import Decision
from components.settings import overlay_path
from operations import choice
from tests.unit.describing import settings

DECISION = Decision(
    cli="build",
    plugins="stand-in",
    engine="present",
    catalogue="debian",
    reasons=("Images: the registry does not answer.", "Docker Engine: it answers."),
)


@pytest.fixture
def overlay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The overlay file of a tree of the test's own, on a machine that decides for Debian once."""
    decisions = iter([DECISION])
    monkeypatch.setattr(choice, "ROOT", tmp_path)
    monkeypatch.setattr("airgap.decide.decide", lambda: next(decisions))
    return overlay_path(tmp_path, "dev")


def test_the_decision_is_said_written_down_and_in_effect(overlay: Path) -> None:
    said: list[str] = []
    assert choice.catalogue("dev", said.append) == "debian"
    assert said == [*DECISION.reasons, "image catalogue: debian (overlay.dev.yaml)"]
    assert all(f"# {reason}" in overlay.read_text() for reason in DECISION.reasons)
    assert settings(overlay=overlay).images.catalogue == "debian"


def test_what_was_decided_is_not_decided_again(overlay: Path) -> None:
    choice.catalogue("dev", lambda line: None)
    written = overlay.read_bytes()
    assert choice.catalogue("dev", lambda line: None) == "debian"
    assert overlay.read_bytes() == written


def test_what_the_user_chose_stays(overlay: Path) -> None:
    overlay.write_text("images: {catalogue: official}\n")
    assert choice.catalogue("dev", lambda line: None) == "official"
    assert overlay.read_text() == "images: {catalogue: official}\n"


def test_other_choices_of_the_user_are_kept(overlay: Path) -> None:
    overlay.write_text("# mine\ndocker: {ports: {web: 18080}}\n")
    choice.catalogue("dev", lambda line: None)
    assert "# mine" in overlay.read_text()
    assert settings(overlay=overlay).docker.ports.web == 18080
    assert settings(overlay=overlay).images.catalogue == "debian"


def test_the_users_own_references_are_kept_beside_the_catalogue(overlay: Path) -> None:
    overlay.write_text("images:\n  references:\n    redis: acme/redis:7\n")
    choice.catalogue("dev", lambda line: None)
    assert settings(overlay=overlay).images.references == {"redis": "acme/redis:7"}
    assert settings(overlay=overlay).images.catalogue == "debian"
    assert choice.catalogue("dev", lambda line: None) == "debian"
    assert re.findall(r"(?m)^images:", overlay.read_text()) == ["images:"]
