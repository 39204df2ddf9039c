"""Taking a stack down keeps what must be kept, and removes all when asked to by name."""

from collections.abc import Iterator

import pytest

from operations import docker_stack
from operations.down import down
from tests.e2e.stack import Stack, eventually, output_of, temporary_stack
from tests.e2e.test_life import decide

KEPT = ["alertmanager", "postgres", "prometheus", "redis"]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with temporary_stack("e2e-down") as stack:
        yield stack


def test_down_keeps_data_with_its_secrets_and_purge_removes_all(stack: Stack) -> None:
    result = stack.up()
    assert result.returncode == 0, output_of(result)
    decision = decide(stack)
    volumes = [f"ai-platform-{stack.name}-{name}" for name in KEPT]
    logins = stack.workspace.outputs(secrets=True)["logins"]
    refused = stack.pulumi("destroy", "--yes", "--skip-preview")
    assert refused.returncode != 0
    assert "protect" in output_of(refused)
    assert docker_stack.volumes(stack.name) == volumes
    result = stack.up()
    assert result.returncode == 0, output_of(result)

    docker_stack.docker("rm", "--force", stack.container("redis-exporter"))
    # As an update leaves it that is killed between the engine's answer and its own state.
    labels = (f"ai-platform.{key}" for key in ("project=ai-platform", f"stack={stack.name}"))
    image = stack.inspect("redis")["Image"]
    docker_stack.docker(
        *("run", "--detach", f"--name=ai-platform-{stack.name}-left", "--entrypoint=sleep"),
        *(f"--label={label}" for label in labels),
        *(f"--network=ai-platform-{stack.name}-redis", image, "600"),
    )
    down(stack.workspace, purge=False)
    assert docker_stack.containers(stack.name) == []
    assert docker_stack.volumes(stack.name) == volumes

    result = stack.up()
    assert result.returncode == 0, output_of(result)
    assert stack.workspace.outputs(secrets=True)["logins"] == logins
    with stack.client("web") as web:
        again = eventually(lambda: web.get(f"/api/decisions/{decision['id']}"))
        assert again.json() == decision

    down(stack.workspace, purge=True)
    assert docker_stack.containers(stack.name) == []
    assert docker_stack.volumes(stack.name) == []
    networks = docker_stack.docker("network", "ls", "--format", "{{.Name}}").split()
    assert not [name for name in networks if name.startswith(f"ai-platform-{stack.name}-")]
