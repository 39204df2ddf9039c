"""What `make up` does on a machine, and in which order."""

from collections.abc import Callable
from pathlib import Path

import pytest

from airgap import decide, engine, images, toolchain, wheels
from operations import choice, steps, up
from operations.workspace import Workspace, cache_directory
from tests.unit.operations.conftest import program

ASKED = " ".join(steps.UNASKED)
OUTPUTS = '{"endpoints": {"web": "http://127.0.0.1:8080", "grafana": null}}'


@pytest.fixture
def done(machine: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was made, on a machine where only package registries answer."""
    done: list[str] = []

    def makes(name: str) -> Callable[..., None]:
        return lambda *arguments: done.append(name)

    monkeypatch.setattr(choice, "catalogue", lambda stack, report: "debian")
    monkeypatch.setattr(toolchain, "ensure", makes("Pulumi"))
    monkeypatch.setattr("operations.programs.ensure_stand_ins", makes("stand-ins"))
    monkeypatch.setattr(engine, "ensure", makes("engine"))
    monkeypatch.setattr(images, "ensure", makes("images"))
    monkeypatch.setattr(wheels, "download", makes("wheels"))
    monkeypatch.setattr(decide, "missing_plugins", lambda: ("docker 5.1.0",))
    monkeypatch.setattr(decide, "pulumi_site_answers", lambda: False)
    monkeypatch.setattr(Workspace, "prepare", makes("state"))
    return done


@pytest.fixture
def pulumi(machine: Path) -> Path:
    return program(machine, "pulumi", f"case $* in *output*) echo '{OUTPUTS}';; esac")


def test_what_is_missing_is_made_before_pulumi_runs(
    done: list[str], pulumi: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    up.up("dev")
    assert done == ["Pulumi", "stand-ins", "engine", "images", "wheels", "wheels", "state"]
    first, second = pulumi.read_text().splitlines()
    assert first.endswith(f"up {ASKED} --refresh --stack dev")
    assert "output --json" in second
    said = capsys.readouterr().out
    assert "http://127.0.0.1:8080" in said
    assert "not published" in said
    assert 'eval "$(make -s env)"' in said


def test_where_a_registry_answers_no_image_is_made(
    done: list[str], pulumi: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "catalogue", lambda stack, report: "official")
    up.up("dev")
    assert done == ["Pulumi", "stand-ins", "engine", "state"]


@pytest.mark.parametrize(
    ("missing", "made_before", "site", "made"),
    [
        pytest.param((), True, False, False, id="official plugins are installed"),
        pytest.param(("docker 5.1.0",), False, True, False, id="they can be downloaded"),
        pytest.param(("docker 5.1.0",), False, False, True, id="they cannot be had"),
        pytest.param(("docker 5.1.0",), True, True, True, id="a stand-in stays what it was"),
    ],
)
def test_stand_ins_are_made_where_official_plugins_cannot_be_had(
    done: list[str],
    pulumi: Path,
    monkeypatch: pytest.MonkeyPatch,
    missing: tuple[str, ...],
    made_before: bool,
    site: bool,
    made: bool,
) -> None:
    monkeypatch.setattr(decide, "missing_plugins", lambda: missing)
    monkeypatch.setattr(decide, "pulumi_site_answers", lambda: site)
    if made_before:
        (cache_directory() / "bin" / "pulumi-resource-docker").touch()
    up.up("dev")
    assert ("stand-ins" in done) == made


def test_a_cluster_needs_pulumi_and_neither_an_engine_nor_images_of_this_machine(
    done: list[str], pulumi: Path
) -> None:
    up.up("local")
    assert done == ["Pulumi", "stand-ins", "state"]
    assert pulumi.read_text().splitlines()[0].endswith(f"up {ASKED} --stack local")
