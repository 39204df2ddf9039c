"""What `make up` does on a machine, and in which order."""

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from airgap import engine, images, wheels
from operations import choice, programs, steps, up
from operations.workspace import Workspace
from tests.unit.operations.conftest import program

ASKED = " ".join(steps.UNASKED)
OUTPUTS = '{"endpoints": {"web": "http://127.0.0.1:8080", "grafana": null}}'


def chosen(catalogue: str) -> choice.Choices:
    return choice.Choices(catalogue=catalogue, plugins={})


@pytest.fixture
def done(machine: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was made, on a machine where only package registries answer, with an empty engine."""
    done: list[str] = []
    monkeypatch.setenv("PATH", str(machine / "cache" / "ai-platform" / "bin"), prepend=":")
    program(machine, "docker", "")

    def makes(name: str) -> Callable[..., None]:
        return lambda *arguments: done.append(name)

    monkeypatch.setattr(choice, "for_docker", lambda stack, report: chosen("debian"))
    monkeypatch.setattr(choice, "for_clusters", lambda report: {})
    monkeypatch.setattr(programs, "ensure", lambda target, *_: done.append(f"Pulumi, {target}"))
    monkeypatch.setattr(engine, "ensure", makes("engine"))
    monkeypatch.setattr(images, "ensure", makes("images"))
    monkeypatch.setattr(wheels, "download", makes("wheels"))
    monkeypatch.setattr(Workspace, "prepare", makes("state"))
    return done


@pytest.fixture
def pulumi(machine: Path) -> Path:
    return program(
        machine,
        "pulumi",
        f"""case $* in
        *output*) echo '{OUTPUTS}';;
        *export*) cat {machine}/state || echo '{{}}';;
        esac""",
    )


def asked(pulumi: Path) -> list[str]:
    """What Pulumi was asked, one line each."""
    lines = pulumi.read_text().splitlines()
    return [line.partition("--non-interactive ")[2] for line in lines]


def test_what_is_missing_is_made_before_pulumi_runs(
    done: list[str], pulumi: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    up.up("dev")
    assert done == ["Pulumi, docker", "engine", "images", "wheels", "wheels", "state"]
    assert asked(pulumi) == [
        "stack export --stack dev",
        f"up {ASKED} --refresh --run-program --stack dev",
        "stack output --json --stack dev",
    ]
    said = capsys.readouterr().out
    assert "http://127.0.0.1:8080" in said
    assert "not published" in said
    assert 'eval "$(make -s env)"' in said


def test_a_stack_whose_state_is_elsewhere_is_left_alone(
    machine: Path, done: list[str], pulumi: Path
) -> None:
    program(
        machine,
        "docker",
        """case "$1 $2" in
        "volume ls") echo one;;
        "volume inspect") echo '[{"Name": "ai-platform-dev-postgres"}]';;
        esac""",
    )
    with pytest.raises(click.ClickException, match="ai-platform-dev-postgres") as raised:
        up.up("dev")
    assert "Nothing was changed" in raised.value.message
    assert asked(pulumi) == ["stack export --stack dev"]


def test_where_a_registry_answers_no_image_is_made(
    done: list[str], pulumi: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "for_docker", lambda stack, report: chosen("official"))
    up.up("dev")
    assert done == ["Pulumi, docker", "engine", "state"]


def test_a_cluster_needs_pulumi_and_neither_an_engine_nor_images_of_this_machine(
    done: list[str], pulumi: Path
) -> None:
    up.up("local")
    assert done == ["Pulumi, kubernetes", "state"]
    assert asked(pulumi)[0] == f"up {ASKED} --stack local"


def test_a_container_that_failed_before_is_made_again_though_a_refresh_finds_it_running(
    machine: Path, pulumi: Path
) -> None:
    failed = {"type": "docker:index/container:Container", "initErrors": ["unhealthy"]}
    resources = [failed | {"urn": "backend"}, {"urn": "redis", "type": "x"}]
    (machine / "state").write_text(json.dumps({"deployment": {"resources": resources}}))
    up.update(Workspace.of("dev"), refresh=True)
    assert asked(pulumi) == [
        "stack export --stack dev",
        f"refresh {ASKED} --run-program --stack dev",
        "stack export --stack dev",
        f"up {ASKED} --replace backend --stack dev",
    ]
