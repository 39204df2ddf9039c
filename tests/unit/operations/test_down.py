"""Taking a stack down keeps its data, unless the user purges it."""

import re
from pathlib import Path

import click
import pytest

from operations import steps
from operations.down import down
from operations.workspace import Workspace, machine_file
from tests.unit.operations.conftest import program

OPTIONS = " ".join(steps.NON_INTERACTIVE)
VOLUMES = '[{"Name": "ai-platform-dev-postgres"}]'
CONTAINERS = (
    '[{"Name": "/ai-platform-dev-redis", "Id": "a"}, {"Name": "/ai-platform-dev-web", "Id": "b"}]'
)
NETWORKS = '[{"Name": "ai-platform-dev-edge", "Id": "c"}, {"Name": "ai-platform-dev-x", "Id": "d"}]'
STATE = '{"deployment": {"resources": [{"urn": "redis", "id": "a"}, {"urn": "edge", "id": "c"}]}}'


@pytest.fixture
def docker_calls(machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The calls of docker; the engine has a volume, and a container that the state lacks."""
    monkeypatch.setenv("PATH", str(machine / "cache" / "ai-platform" / "bin"), prepend=":")
    return program(
        machine,
        "docker",
        f"""case "$1 $2" in
        *" ls") echo one;;
        "volume inspect") echo '{VOLUMES}';;
        "network inspect") echo '{NETWORKS}';;
        "container inspect") echo '{CONTAINERS}';;
        esac""",
    )


@pytest.fixture
def pulumi_calls(machine: Path, docker_calls: Path) -> Path:
    """The calls of Pulumi, one line each."""
    return program(machine, "pulumi", f"""case "$*" in *export*) echo '{STATE}';; esac""")


def verbs(pulumi_calls: Path) -> list[str]:
    lines = pulumi_calls.read_text().splitlines()
    return [line.partition("--non-interactive ")[2] for line in lines]


def test_a_stack_is_taken_down_without_its_data_which_is_listed(
    pulumi_calls: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    down(Workspace.of("dev"), purge=False)
    assert verbs(pulumi_calls)[2:] == [
        "stack export --stack dev",
        f"destroy {OPTIONS} --exclude-protected --stack dev",
    ]
    output = capsys.readouterr().out
    assert "ai-platform-dev-postgres" in output
    assert "make down STACK=dev PURGE=1 removes them" in output


def test_a_purge_removes_protected_data_and_the_stack(
    pulumi_calls: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    down(Workspace.of("dev"), purge=True)
    assert verbs(pulumi_calls)[2:] == [
        "stack export --stack dev",
        "state unprotect --all --yes --stack dev",
        f"destroy {OPTIONS} --stack dev",
        "stack rm --yes dev",
    ]
    assert "The stack dev and its data are removed." in capsys.readouterr().out


def test_what_a_killed_update_left_is_removed(
    pulumi_calls: Path, docker_calls: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    down(Workspace.of("dev"), purge=False)
    commands = docker_calls.read_text().splitlines()
    assert [command for command in commands if not re.search(" (ls|inspect) ", command)] == [
        "stop ai-platform-dev-web",
        "rm --volumes ai-platform-dev-web",
        "network rm ai-platform-dev-x",
    ]
    assert "ai-platform-dev-web" in capsys.readouterr().out


@pytest.mark.parametrize("state", ["{}", '{"deployment": {"resources": [{"urn": "stack"}]}}'])
def test_an_empty_state_removes_no_container(
    machine: Path, pulumi_calls: Path, docker_calls: Path, state: str
) -> None:
    program(machine, "pulumi", f"""case "$*" in *export*) echo '{state}';; esac""")
    down(Workspace.of("dev"), purge=False)
    assert not [line for line in docker_calls.read_text().splitlines() if line.startswith("rm ")]


def test_a_compiled_plugin_does_not_take_a_stack_down_on_a_cluster_that_the_user_did_not_allow(
    pulumi_calls: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    machine_file().parent.mkdir(parents=True)
    machine_file().write_text("plugins: {kubernetes: 4.25.0+compiled, contexts: [another]}")
    with pytest.raises(click.ClickException, match="Nothing was changed"):
        down(Workspace.of("local"), purge=True)
    assert not pulumi_calls.exists()
