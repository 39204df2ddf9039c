"""The Pulumi CLI and its plugins: stood in for only where the official ones are not to be had."""

from pathlib import Path

import pytest

from operations import programs
from tests.unit.operations.conftest import program


@pytest.fixture
def made(machine: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is made on a machine without official plugins, where Pulumi's site does not answer."""
    made: list[str] = []
    monkeypatch.setattr("airgap.toolchain.ensure", lambda folder, report: made.append("CLI"))
    monkeypatch.setattr(programs, "ensure_stand_ins", lambda folder, report: made.append("plugins"))
    monkeypatch.setattr("airgap.decide.missing_plugins", lambda: ("docker 5.1.0",))
    monkeypatch.setattr("airgap.decide.pulumi_site_answers", lambda: False)
    return made


def test_where_nothing_can_be_downloaded_plugins_are_stood_in_for(made: list[str]) -> None:
    programs.ensure(lambda line: None)
    assert made == ["CLI", "plugins"]


def test_where_pulumis_site_answers_pulumi_downloads_its_plugins(
    made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airgap.decide.pulumi_site_answers", lambda: True)
    programs.ensure(lambda line: None)
    assert made == ["CLI"]


def test_a_machine_with_stand_ins_keeps_them_when_the_site_answers_one_day(
    made: list[str], machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(machine, "pulumi-resource-docker", "")
    monkeypatch.setattr("airgap.decide.pulumi_site_answers", lambda: True)
    programs.ensure(lambda line: None)
    assert made == ["CLI", "plugins"]


def test_installed_official_plugins_are_used(
    made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("airgap.decide.missing_plugins", tuple)
    programs.ensure(lambda line: None)
    assert made == ["CLI"]
