"""Taking a stack down spares kept data, unless it is asked for by name."""

from pathlib import Path

import click
import pytest

from operations import steps
from operations.down import down
from operations.workspace import Workspace, machine_file
from tests.unit.operations.conftest import program

ASKED = " ".join(steps.UNASKED)
VOLUMES = '[{"Name": "ai-platform-dev-postgres"}]'
CONTAINERS = (
    '[{"Name": "/ai-platform-dev-redis", "Id": "a"}, {"Name": "/ai-platform-dev-web", "Id": "b"}]'
)
STATE = '{"deployment": {"resources": [{"urn": "redis", "id": "a"}, {"urn": "stack"}]}}'


@pytest.fixture
def engine_asked(machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the engine is asked to do; it has a volume, and a container that the state lacks."""
    monkeypatch.setenv("PATH", str(machine / "cache" / "ai-platform" / "bin"), prepend=":")
    return program(
        machine,
        "docker",
        f"""case "$1 $2" in
        *" ls") echo one;;
        "volume inspect") echo '{VOLUMES}';;
        "container inspect") echo '{CONTAINERS}';;
        esac""",
    )


@pytest.fixture
def asked(machine: Path, engine_asked: Path) -> Path:
    """What Pulumi is asked to do, one line each."""
    return program(machine, "pulumi", f"""case "$*" in *export*) echo '{STATE}';; esac""")


def verbs(asked: Path) -> list[str]:
    return [line.partition("--non-interactive ")[2] for line in asked.read_text().splitlines()]


def test_kept_data_is_spared_and_named(asked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    down(Workspace.of("dev"), purge=False)
    assert verbs(asked)[2:] == [
        "stack export --stack dev",
        f"destroy {ASKED} --exclude-protected --stack dev",
    ]
    said = capsys.readouterr().out
    assert "ai-platform-dev-postgres" in said
    assert "make down STACK=dev PURGE=1 removes them" in said


def test_a_purge_unprotects_first_and_leaves_nothing(
    asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    down(Workspace.of("dev"), purge=True)
    assert verbs(asked)[2:] == [
        "stack export --stack dev",
        "state unprotect --all --yes --stack dev",
        f"destroy {ASKED} --stack dev",
        "stack rm --yes dev",
    ]
    assert "Nothing of the stack dev is left." in capsys.readouterr().out


def test_what_a_killed_update_left_running_goes_too(
    asked: Path, engine_asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    down(Workspace.of("dev"), purge=False)
    asked_of_engine = engine_asked.read_text().splitlines()
    assert asked_of_engine[-4:-2] == [
        "stop ai-platform-dev-web",
        "rm --volumes ai-platform-dev-web",
    ]
    assert "ai-platform-dev-web" in capsys.readouterr().out


@pytest.mark.parametrize("state", ["{}", '{"deployment": {"resources": [{"urn": "stack"}]}}'])
def test_a_state_that_knows_nothing_is_that_of_nothing_here(
    machine: Path, asked: Path, engine_asked: Path, state: str
) -> None:
    program(machine, "pulumi", f"""case "$*" in *export*) echo '{state}';; esac""")
    down(Workspace.of("dev"), purge=False)
    assert not [line for line in engine_asked.read_text().splitlines() if line.startswith("rm ")]


def test_a_compiled_plugin_takes_nothing_down_on_a_cluster_that_is_not_named_for_it(
    asked: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    machine_file().parent.mkdir(parents=True)
    machine_file().write_text("plugins: {kubernetes: 4.25.0+compiled, contexts: [another]}")
    with pytest.raises(click.ClickException, match="Nothing was changed"):
        down(Workspace.of("local"), purge=True)
    assert not asked.exists()
