"""Taking a stack down keeps its data."""

import re
from pathlib import Path

import click
import pytest

from operations import destination, kubernetes_stack, steps
from operations.destination import Destination
from operations.docker_stack import Instance
from operations.down import down
from operations.workspace import Workspace, machine_file
from tests.unit.operations.conftest import program

OPTIONS = " ".join(steps.NON_INTERACTIVE)
ACME = Destination(context="acme", uid="uid", server="https://acme", namespace="shop")
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
    down(Workspace.of("dev"))
    assert verbs(pulumi_calls)[2:] == [
        "stack export --stack dev",
        f"destroy {OPTIONS} --exclude-protected --stack dev",
    ]
    output = capsys.readouterr().out
    assert "ai-platform-dev-postgres" in output
    assert "make down STACK=dev PURGE=1 removes them" in output


def test_what_a_killed_update_left_is_removed(
    pulumi_calls: Path, docker_calls: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    down(Workspace.of("dev"))
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
    down(Workspace.of("dev"))
    assert not [line for line in docker_calls.read_text().splitlines() if line.startswith("rm ")]


@pytest.fixture
def cluster(machine: Path, pulumi_calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster with the stack `local`, whose `pulumi` is the fake one."""
    monkeypatch.setattr(kubernetes_stack, "expect_own_plugin", lambda *_: None)
    monkeypatch.setattr(kubernetes_stack, "expect_own_cluster", lambda *_: None)
    monkeypatch.setattr(kubernetes_stack, "claims", lambda *_: ["ai-platform-postgres"])
    monkeypatch.setattr(destination, "find", lambda *_: ACME)
    pods = [("backend-1", "backend"), ("backend-2", "backend"), ("decision-1", "decision")]
    instances = [
        Instance(name=name, workload=workload, tier="api", state="running", health="healthy")
        for name, workload in pods
    ]
    monkeypatch.setattr(kubernetes_stack, "pods", lambda *_: instances)


DESTROY = f"destroy {OPTIONS} --exclude-protected --stack local"


def test_a_stack_on_a_cluster_is_shown_and_ends_only_after_a_yes(
    cluster: None, pulumi_calls: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(click.UsageError, match="YES=1"):
        down(Workspace.of("local"))
    assert DESTROY not in verbs(pulumi_calls)
    output = capsys.readouterr().out
    assert f"On {ACME} run:\n  api: backend (2), decision\n" in output
    down(Workspace.of("local"), yes=True)
    assert verbs(pulumi_calls)[-1] == DESTROY
    output = capsys.readouterr().out
    assert f"End the stack local on {ACME}, and keep its data and secrets? YES=1" in output
    assert "  ai-platform-postgres\n" in output


def test_an_engine_is_not_asked_about(pulumi_calls: Path) -> None:
    down(Workspace.of("dev"))
    assert verbs(pulumi_calls)[-1].startswith("destroy ")


def test_a_context_that_changed_while_the_user_read_ends_nothing(
    cluster: None, pulumi_calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise click.ClickException("the context leads to another")

    checks = iter([lambda *_: None, refuse])
    monkeypatch.setattr(kubernetes_stack, "expect_own_cluster", lambda *_: next(checks)(*_))
    with pytest.raises(click.ClickException, match="leads to another"):
        down(Workspace.of("local"), yes=True)
    assert DESTROY not in verbs(pulumi_calls)


def test_a_compiled_plugin_does_not_take_a_stack_down_on_a_cluster_that_the_user_did_not_allow(
    pulumi_calls: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    machine_file().parent.mkdir(parents=True)
    machine_file().write_text("plugins: {kubernetes: 4.25.0+compiled, contexts: [another]}")
    with pytest.raises(click.ClickException, match="Nothing was changed"):
        down(Workspace.of("local"))
    assert not pulumi_calls.exists()
