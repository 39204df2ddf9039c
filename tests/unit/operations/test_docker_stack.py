"""The containers and volumes of a stack on an engine, in which commands run."""

from pathlib import Path

import click
import pytest

from operations import docker_stack
from operations.inside import EngineContainer
from operations.workspace import Workspace
from tests.unit.operations.conftest import program


@pytest.fixture(autouse=True)
def _path(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(machine / "cache" / "ai-platform" / "bin"), prepend=":")


def test_commands_run_in_the_first_replica(machine: Path) -> None:
    calls = program(machine, "docker", "printf 'ai-platform-dev-web-2\\nai-platform-dev-web\\n'")
    assert docker_stack.inside(Workspace.of("acme/dev"), "web") == EngineContainer(
        docker=("docker", "exec", "--interactive", "ai-platform-dev-web")
    )
    assert calls.read_text().split("--filter=label=ai-platform.")[1:] == [
        "project=ai-platform ",
        "stack=dev ",
        "workload=web\n",
    ]


def test_a_workload_that_does_not_run_is_named(machine: Path) -> None:
    program(machine, "docker", "")
    with pytest.raises(click.ClickException, match="make up STACK=dev starts it"):
        docker_stack.inside(Workspace.of("dev"), "postgres")


def test_a_container_beside_a_volume_has_the_user_and_no_network(machine: Path) -> None:
    program(machine, "docker", "echo reports-data")

    def beside(volume: str) -> EngineContainer:
        return docker_stack.beside(
            Workspace.of("dev"), image="tar:1", user="1000:2000", volume=volume, path="/srv"
        )

    assert beside("reports-data").docker == (
        *("docker", "run", "--rm", "--interactive", "--cap-drop=ALL", "--user=1000:2000"),
        *("--network=none", "--volume=reports-data:/srv:nocopy", "--entrypoint=", "tar:1"),
    )
    with pytest.raises(click.ClickException, match="there is no volume other-data"):
        beside("other-data")


def test_the_engine_says_how_much_room_each_volume_takes(machine: Path) -> None:
    program(machine, "docker", """echo '[{"Name": "a", "Size": "48.5MB"}]'""")
    assert docker_stack.sizes() == {"a": "48.5MB"}


@pytest.mark.parametrize(
    "script", ["echo null", "echo '{{json .Volumes}}'", "false", "exec sleep 9"]
)
def test_an_engine_that_does_not_say_it_in_time_leaves_the_sizes_unknown(
    machine: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setattr(docker_stack, "SIZES_SECONDS", 0.5)
    program(machine, "docker", script)
    assert docker_stack.sizes() == {}
