"""Taking a stack down keeps its data, unless the user purges it.

The stack has an organisation, and its stack file names the engine by another path than the shell.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from operations import docker_stack
from operations.down import down
from tests.e2e.stack import Stack, eventually, output_of, temporary_stack
from tests.e2e.test_life import decide

SOCKET = Path("/var/run/docker.sock")
KEPT = ["alertmanager", "postgres", "prometheus", "redis"]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with temporary_stack("e2e-down", organisation="organization/ai-platform") as stack:
        socket = stack.directory / "engine.sock"
        socket.symlink_to(SOCKET)
        stack.settings["docker"]["host"] = f"unix://{socket}"
        yield stack


def test_down_keeps_data_with_its_secrets_and_a_purge_removes_everything(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = stack.up()
    assert result.returncode == 0, output_of(result)
    decision = decide(stack)
    volumes = [f"ai-platform-{stack.name}-{name}" for name in KEPT]
    logins = stack.workspace.outputs(secrets=True)["logins"]
    destroy = stack.pulumi("destroy", "--yes", "--skip-preview")
    assert destroy.returncode != 0
    assert "protect" in output_of(destroy)
    assert docker_stack.volumes(stack.name) == volumes
    result = stack.up()
    assert result.returncode == 0, output_of(result)

    docker_stack.docker("rm", "--force", stack.container("redis-exporter"))
    # Like a container of an update that was killed before it saved its state.
    labels = (f"ai-platform.{key}" for key in ("project=ai-platform", f"stack={stack.name}"))
    image = stack.inspect("redis")["Image"]
    docker_stack.docker(
        *("run", "--detach", f"--name=ai-platform-{stack.name}-left", "--entrypoint=sleep"),
        *(f"--label={label}" for label in labels),
        *(f"--network=ai-platform-{stack.name}-redis", image, "600"),
    )
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    down(stack.workspace, purge=False)
    assert docker_stack.containers(stack.name) == []
    assert docker_stack.volumes(stack.name) == volumes

    result = stack.up()
    assert result.returncode == 0, output_of(result)
    assert stack.workspace.outputs(secrets=True)["logins"] == logins
    with stack.client("web") as web:
        answer = eventually(lambda: web.get(f"/api/decisions/{decision['id']}"))
        assert answer.json() == decision

    down(stack.workspace, purge=True)
    assert docker_stack.containers(stack.name) == []
    assert docker_stack.volumes(stack.name) == []
    networks = docker_stack.docker("network", "ls", "--format", "{{.Name}}").split()
    assert not [name for name in networks if name.startswith(f"ai-platform-{stack.name}-")]
