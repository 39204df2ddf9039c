"""Taking a stack down keeps what must be kept, and removes all when asked to by name."""

from collections.abc import Iterator

import pytest

from operations import docker_stack
from operations.down import down
from tests.e2e.stack import Stack, eventually, made, said
from tests.e2e.test_life import decide

KEPT = ["alertmanager", "postgres", "prometheus", "redis"]


@pytest.fixture(scope="module")
def brief() -> Iterator[Stack]:
    with made("e2e-down") as stack:
        yield stack


def test_down_keeps_data_with_its_secrets_and_purge_removes_all(brief: Stack) -> None:
    result = brief.up()
    assert result.returncode == 0, said(result)
    decision = decide(brief)
    volumes = [f"ai-platform-{brief.name}-{name}" for name in KEPT]
    logins = brief.workspace.outputs(secrets=True)["logins"]
    refused = brief.pulumi("destroy", "--yes", "--skip-preview")
    assert refused.returncode != 0
    assert "protect" in said(refused)
    assert docker_stack.volumes(brief.name) == volumes
    result = brief.up()
    assert result.returncode == 0, said(result)

    docker_stack.docker("rm", "--force", brief.container("redis-exporter"))
    # As an update leaves it that is killed between the engine's answer and its own state.
    labels = (f"ai-platform.{key}" for key in ("project=ai-platform", f"stack={brief.name}"))
    image = brief.inspect("redis")["Image"]
    docker_stack.docker(
        *("run", "--detach", f"--name=ai-platform-{brief.name}-left", "--entrypoint=sleep"),
        *(f"--label={label}" for label in labels),
        *(f"--network=ai-platform-{brief.name}-redis", image, "600"),
    )
    down(brief.workspace, purge=False)
    assert docker_stack.containers(brief.name) == []
    assert docker_stack.volumes(brief.name) == volumes

    result = brief.up()
    assert result.returncode == 0, said(result)
    assert brief.workspace.outputs(secrets=True)["logins"] == logins
    with brief.client("web") as web:
        again = eventually(lambda: web.get(f"/api/decisions/{decision['id']}"))
        assert again.json() == decision

    down(brief.workspace, purge=True)
    assert docker_stack.containers(brief.name) == []
    assert docker_stack.volumes(brief.name) == []
    networks = docker_stack.docker("network", "ls", "--format", "{{.Name}}").split()
    assert not [name for name in networks if name.startswith(f"ai-platform-{brief.name}-")]
